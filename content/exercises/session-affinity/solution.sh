kubectl patch service web -p '{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":3600}}}}'
sleep 2
kubectl exec pod-a -- sh -c 'for i in 1 2 3 4; do curl -s web | head -1; done'
