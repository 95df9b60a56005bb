# A route without the gateway: the kernel would ask by ARP for each Pod address on flannel.1.
# fails a-to-c
# on node1
ip route add 10.244.2.0/24 dev flannel.1
