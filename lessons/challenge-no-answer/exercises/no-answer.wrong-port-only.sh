kubectl patch service mysql -p '{"spec":{"ports":[{"port":3306,"targetPort":3306}]}}'
