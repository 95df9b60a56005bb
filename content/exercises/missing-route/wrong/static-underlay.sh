# Plain routing over the nodes' network: packets may arrive, but it is host-gw, not what Flannel writes here.
# fails as-flannel
# on node1
ip route add 10.244.2.0/24 via $(awk '$2=="node2"{print $1}' /etc/hosts) dev eth0
