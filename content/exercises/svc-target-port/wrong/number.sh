# The number works today, and breaks with the next release.
# fails by-name
kubectl patch service api -p '{"spec":{"ports":[{"port":80,"targetPort":{{port}}}]}}'
sleep 2
