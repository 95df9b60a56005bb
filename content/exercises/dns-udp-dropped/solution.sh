kubectl exec pod-a -- dig +short +time=1 +tries=1 web.default.svc.cluster.local
# on {{node}}
iptables-save | grep DROP
iptables -t {{rule.table}} -D {{rule.chain}} -p udp --dport 53 -j DROP
