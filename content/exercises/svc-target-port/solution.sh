kubectl describe service api
kubectl get endpointslices -l kubernetes.io/service-name=api
kubectl patch service api -p '{"spec":{"ports":[{"port":80,"targetPort":"http"}]}}'
sleep 2
