ipvsadm -Ln
ip route get 10.96.200.3
ip addr add 10.96.200.3/32 dev shop0
ipvsadm -a -t 10.96.200.3:80 -r 10.244.2.4:8080 -m
kubectl exec pod-a -- sh -c 'for i in 1 2 3; do curl -s 10.96.200.3 | head -1; done'
