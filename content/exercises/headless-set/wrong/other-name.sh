# A headless Service beside the old one: the Pods' subdomain is db, and db still has one address.
# fails three-addresses
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: db-headless
spec:
  clusterIP: None
  selector: { app: db }
  ports:
  - port: 8080
EOF
sleep 31
