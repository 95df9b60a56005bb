# The first rule takes every connection; a second one is never reached.
# fails three
nft 'add rule ip shop pre ip daddr 10.96.200.2 tcp dport 80 dnat to 10.244.2.4:8080'
