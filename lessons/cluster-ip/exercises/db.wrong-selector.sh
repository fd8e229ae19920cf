kubectl apply -f - <<END
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  selector:
    app: db
  ports:
    - port: 13306
      targetPort: 3306
END
