kubectl scale deployment coredns -n kube-system --replicas=2
kubectl create service externalname database -n shop --external-name database.data
sleep 60
