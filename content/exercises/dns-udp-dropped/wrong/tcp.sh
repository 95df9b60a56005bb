# TCP was never blocked.
# fails from-a
# on {{node}}
iptables -I FORWARD -p tcp --dport 53 -j ACCEPT
