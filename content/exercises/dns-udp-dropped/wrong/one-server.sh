# An exception for the CoreDNS Pod of node1: queries to the other one are still lost.
# fails from-a
# on {{node}}
iptables -t {{rule.table}} -I {{rule.chain}} -p udp -d 10.244.1.2 --dport 53 -j ACCEPT
