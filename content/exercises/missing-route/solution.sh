# on node1
kubectl exec pod-a -- ping -c 1 -W 1 10.244.2.5
ip route show
ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
kubectl exec pod-a -- ping -c 1 -W 1 10.244.2.5
