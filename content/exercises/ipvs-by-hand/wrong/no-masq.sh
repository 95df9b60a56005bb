# Without -m the method is direct routing: the Pod gets a packet for an address it does not have.
# fails none-lost
ip addr add 10.96.200.3/32 dev shop0
ipvsadm -a -t 10.96.200.3:80 -r 10.244.2.4:8080
