# The pair is made and addressed, but its outer end is no port of the bridge.
# fails red-to-blue
ip link add veth-blue type veth peer name eth0 netns blue
ip link set veth-blue up
ip -n blue link set eth0 up
ip -n blue addr add 10.22.0.3/24 dev eth0
ip -n blue route add default via 10.22.0.1
