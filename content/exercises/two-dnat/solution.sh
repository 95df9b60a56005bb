iptables -t nat -L PREROUTING -n -v
iptables -t nat -R PREROUTING 2 -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:8080
iptables -t nat -A OUTPUT -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:8080
iptables -t nat -A OUTPUT -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.3:8080
