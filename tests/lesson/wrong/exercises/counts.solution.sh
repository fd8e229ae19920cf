kubectl create service clusterip mysq --tcp 80
