kubectl exec pod-a -- dig +short db.default.svc.cluster.local
kubectl delete service db
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector: { app: db }
  ports:
  - name: http
    port: 8080
    targetPort: http
EOF
sleep 31
kubectl exec pod-a -- dig +short db.default.svc.cluster.local
