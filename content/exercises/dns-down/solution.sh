kubectl -n kube-system get service kube-dns -o wide
kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns
kubectl -n kube-system get pods --show-labels
{{cause.mend}}
sleep 4
