cat > greeting.yml <<END
apiVersion: v1
kind: Pod
metadata:
  name: greeting
spec:
  initContainers:
    - name: init
      image: alpine
      command: ["sh", "-c", "echo hello > /contents/index.html"]
  containers:
    - name: web
      image: nginx
      volumeMounts:
        - name: contents
          mountPath: /usr/share/nginx/html
  volumes:
    - name: contents
      emptyDir: {}
END
kubectl apply -f greeting.yml
sleep 30
