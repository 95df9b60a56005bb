# The table grows; packets still pass the node by.
# fails reached
ipvsadm -a -t 10.96.200.3:80 -r 10.244.2.4:8080 -m
