# One Pod makes every client sticky.
# fails four
kubectl scale deployment web --replicas 1
sleep 2
