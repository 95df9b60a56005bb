# Flushing everything lets the packet in, and takes kube-proxy's and Flannel's rules with it.
# fails firewall-kept
# on node2
iptables -F
