# New CoreDNS Pods meet the same fault.
# fails udp
kubectl -n kube-system delete pod -l k8s-app=kube-dns
sleep 4
