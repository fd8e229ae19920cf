kubectl apply -f - <<END
apiVersion: v1
kind: Service
metadata:
  name: database
  namespace: reports
spec:
  selector:
    app: mysql
  ports:
    - port: 3306
END
