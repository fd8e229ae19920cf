kubectl set image deployment/web web=nginx:1.27
kubectl scale deployment web --replicas=1
kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","readinessProbe":{"httpGet":{"port":80}}}]}}}}'
sleep 60
