kubectl apply -f - <<END
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  selector:
    app: mysql
  ports:
    - port: 3306
      targetPort: 13306
END
