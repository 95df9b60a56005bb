# One name for one Pod: everything else stays unresolved.
# fails udp
kubectl exec pod-a -- sh -c 'echo 10.96.10.10 web >> /etc/hosts'
