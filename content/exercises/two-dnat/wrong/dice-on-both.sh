# Half of a half falls through both rules.
# fails none-lost
iptables -t nat -F PREROUTING
iptables -t nat -A PREROUTING -j KUBE-SERVICES
iptables -t nat -A PREROUTING -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:8080
iptables -t nat -A PREROUTING -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.2.3:8080
