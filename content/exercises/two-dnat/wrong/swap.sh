# Now the other one is the only one.
# fails both
iptables -t nat -D PREROUTING 2
