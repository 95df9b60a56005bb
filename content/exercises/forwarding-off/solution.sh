# on node1
sysctl net.ipv4.ip_forward
sysctl -w net.ipv4.ip_forward=1
kubectl exec pod-a -- ping -c 1 -W 1 10.244.2.5
