# Headless, but nobody is asked for: no endpoints, no names.
# fails three-addresses
# fails each-by-name
kubectl delete service db
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  ports:
  - port: 8080
EOF
sleep 31
