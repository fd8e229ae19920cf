kubectl label pod mysql-0 app=database --overwrite
sleep 20
