kubectl get service shop
# on {{place.lacks}}
iptables-save | grep default/shop
# on control-plane
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata:
  name: shop-2
  labels: { app: shop }
spec:
  nodeName: {{place.lacks}}
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
