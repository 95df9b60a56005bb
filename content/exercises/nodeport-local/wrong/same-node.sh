# A second Pod on the node that has one already.
# fails {{place.lacks}}
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata:
  name: shop-2
  labels: { app: shop }
spec:
  nodeName: {{place.has}}
  containers:
  - name: shop
    image: hashicorp/http-echo:1.0
    env:
    - name: PORT
      value: "8080"
    ports:
    - name: http
      containerPort: 8080
EOF
sleep 3
