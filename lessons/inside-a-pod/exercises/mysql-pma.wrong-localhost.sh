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
        - name: mysql
          image: mysql:8
          env:
            - name: MYSQL_RANDOM_ROOT_PASSWORD
              value: "yes"
            - name: MYSQL_DATABASE
              value: mydb
            - name: MYSQL_USER
              value: myuser
            - name: MYSQL_PASSWORD
              value: mypassword
          ports:
            - containerPort: 3306
          resources:
            requests:
              memory: 512Mi
              cpu: 500m
          volumeMounts:
            - name: db
              mountPath: /var/lib/mysql
        - name: pma
          image: phpmyadmin/phpmyadmin
          env:
            - name: PMA_HOST
              value: localhost
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
