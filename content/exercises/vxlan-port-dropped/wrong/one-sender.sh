# An exception for node1 only: the control plane stays locked out.
# fails control-plane-to-c
# on node2
iptables -I INPUT 1 -p udp --dport 8472 -s $(awk '$2=="node1"{print $1}' /etc/hosts) -j ACCEPT
