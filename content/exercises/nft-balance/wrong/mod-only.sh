# Three numbers, two entries: every third connection has nowhere to go.
# fails none-lost
nft 'flush chain ip shop pre'
nft 'add rule ip shop pre ip daddr 10.96.200.2 tcp dport 80 dnat to numgen random mod 3 map { 0 : 10.244.1.3 . 8080, 1 : 10.244.2.3 . 8080 }'
