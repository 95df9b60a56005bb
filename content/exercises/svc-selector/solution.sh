kubectl get endpointslices
kubectl get service -o wide
kubectl get pods --show-labels
kubectl patch service {{svc}} --type json -p '[{"op":"replace","path":"/spec/selector","value":{"app":"web"}}]'
sleep 2
