kubectl apply -f - <<END
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: mysql-pma
spec:
  serviceName: mysql-pma
  replicas: 1
  selector:
    matchLabels:
      app: mysql-pma
  template:
    metadata:
      labels:
        app: mysql-pma
    spec:
      containers:
        - name: pma
          image: phpmyadmin/phpmyadmin
          env:
            - name: PMA_HOST
              value: 127.0.0.1
          ports:
            - containerPort: 80
  volumeClaimTemplates:
    - metadata:
        name: db
      spec:
        accessModes:
          - ReadWriteOnce
        resources:
          requests:
            storage: 256Mi
END
sleep 60
