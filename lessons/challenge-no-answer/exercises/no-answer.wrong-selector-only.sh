kubectl set selector service/mysql app=mysql
