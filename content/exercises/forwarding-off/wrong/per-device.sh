# Forwarding for packets from Pods only: those that come in by flannel.1 are still not passed on.
# fails c-to-a
# on node1
sysctl -w net.ipv4.conf.cni0.forwarding=1
