kubectl set image deployment/web web=nginx:1.27
sleep 60
