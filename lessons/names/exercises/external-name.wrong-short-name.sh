kubectl apply -f - <<END
apiVersion: v1
kind: Service
metadata:
  name: database
  namespace: reports
spec:
  type: ExternalName
  externalName: database.default
END
