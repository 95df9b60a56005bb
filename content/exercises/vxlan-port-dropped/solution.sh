# on node2
iptables -L INPUT -n -v --line-numbers
iptables -D INPUT -p udp --dport 8472 -j DROP
# on node1
kubectl exec pod-a -- ping -c 1 -W 1 10.244.2.5
