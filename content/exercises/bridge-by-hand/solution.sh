ip -n red addr
ip link add veth-blue type veth peer name eth0 netns blue
ip link set veth-blue master br0
ip link set veth-blue up
ip -n blue link set lo up
ip -n blue link set eth0 up
ip -n blue addr add 10.22.0.3/24 dev eth0
ip -n blue route add default via 10.22.0.1
ip netns exec red ping -c 1 10.22.0.3
