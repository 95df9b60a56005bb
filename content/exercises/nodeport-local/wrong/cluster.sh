# Every node answers now, and connections that cross to another node are masqueraded.
# fails client-seen
kubectl patch service shop -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'
sleep 2
