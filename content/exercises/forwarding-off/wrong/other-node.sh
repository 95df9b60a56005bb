# The right switch on the wrong machine.
# fails a-to-c
# on node2
sysctl -w net.ipv4.ip_forward=1
