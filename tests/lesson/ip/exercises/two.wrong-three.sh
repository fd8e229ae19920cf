kubectl scale statefulset/mysql --replicas 3
