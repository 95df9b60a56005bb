# The Service's own port moved to the container's number: clients ask for 80.
# fails from-a
kubectl patch service api --type json -p '[{"op":"replace","path":"/spec/ports/0/port","value":{{port}}}]'
sleep 2
