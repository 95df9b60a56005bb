# The right kind of affinity, with the default of three hours.
# fails one-hour
kubectl patch service web -p '{"spec":{"sessionAffinity":"ClientIP"}}'
sleep 2
