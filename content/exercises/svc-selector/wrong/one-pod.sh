# A selector that names one Pod template's hash and nothing of the application: nobody has it.
# fails from-a
# fails four
kubectl patch service {{svc}} --type json -p '[{"op":"replace","path":"/spec/selector","value":{"pod":"web"}}]'
sleep 2
