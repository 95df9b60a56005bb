# Everything but the default route.
# fails blue-default
ip link add veth-blue type veth peer name eth0 netns blue
ip link set veth-blue master br0 up
ip -n blue link set eth0 up
ip -n blue addr add 10.22.0.3/24 dev eth0
