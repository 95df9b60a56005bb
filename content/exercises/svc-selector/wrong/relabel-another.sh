# Some Pod now fits the selector, but it is not one that listens on 8080.
# fails from-a
kubectl label pod pod-b {{wrong.key}}={{wrong.value}} --overwrite
sleep 2
