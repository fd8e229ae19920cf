kubectl set image deployment/web web=nginx:1.27
kubectl set resources deployment/web --requests=memory=128Mi
sleep 60
