kubectl create service clusterip mysql --tcp 80
