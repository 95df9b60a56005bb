/** The same for the matches from the letter l. */
export const HELP_MATCHES_L_Z: Readonly<Record<string, string>> = {
  length: `
length match options:
[!] --length length[:length]    Match packet length against value or range
                                of values (inclusive)
`,
  limit: `
limit match options:
--limit avg\t\t\tmax average match rate: default 3/hour
                                [Packets per second unless followed by 
                                /sec /minute /hour /day postfixes]
--limit-burst number\t\tnumber to match in a burst, default 5
`,
  mac: `
mac match options:
[!] --mac-source XX:XX:XX:XX:XX:XX
\t\t\t\tMatch source MAC address
`,
  mark: `
mark match options:
[!] --mark value[/mask]    Match nfmark value with optional mask
`,
  multiport: `
multiport match options:
[!] --source-ports port[,port:port,port...]
 --sports ...
\t\t\t\tmatch source port(s)
[!] --destination-ports port[,port:port,port...]
 --dports ...
\t\t\t\tmatch destination port(s)
[!] --ports port[,port:port,port]
\t\t\t\tmatch both source and destination port(s)
`,
  owner: `
owner match options:
[!] --uid-owner userid[-userid]      Match local UID
[!] --gid-owner groupid[-groupid]    Match local GID
[!] --socket-exists                  Match if socket exists
    --suppl-groups                   Also match supplementary groups set with --gid-owner
`,
  physdev: `
physdev match options:
 [!] --physdev-in inputname[+]\t\tbridge port name ([+] for wildcard)
 [!] --physdev-out outputname[+]\tbridge port name ([+] for wildcard)
 [!] --physdev-is-in\t\t\tarrived on a bridge device
 [!] --physdev-is-out\t\t\twill leave on a bridge device
 [!] --physdev-is-bridged\t\tit's a bridged packet
`,
  pkttype: `
pkttype match options:
[!] --pkt-type packettype    match packet type
Valid packet types:
\tunicast       \t\tto us
\tbroadcast     \t\tto all
\tmulticast     \t\tto group
\totherhost     \t\tto someone else

`,
  quota: `
quota match options:
[!] --quota quota\t\tquota (bytes)
`,
  realm: `
realm match options:
[!] --realm value[/mask]
				Match realm
`,
  recent: `
recent match options:
[!] --set                       Add source address to list, always matches.
[!] --rcheck                    Match if source address in list.
[!] --update                    Match if source address in list, also update last-seen time.
[!] --remove                    Match if source address in list, also removes that address from list.
    --seconds seconds           For check and update commands above.
                                Specifies that the match will only occur if source address last seen within
                                the last 'seconds' seconds.
    --reap                      Purge entries older then 'seconds'.
                                Can only be used in conjunction with the seconds option.
    --hitcount hits             For check and update commands above.
                                Specifies that the match will only occur if source address seen hits times.
                                May be used in conjunction with the seconds option.
    --rttl                      For check and update commands above.
                                Specifies that the match will only occur if the source address and the TTL
                                match between this packet and the one which was set.
                                Useful if you have problems with people spoofing their source address in order
                                to DoS you via this module.
    --name name                 Name of the recent list to be used.  DEFAULT used if none given.
    --rsource                   Match/Save the source address of each packet in the recent list table (default).
    --rdest                     Match/Save the destination address of each packet in the recent list table.
    --mask netmask              Netmask that will be applied to this recent list.
xt_recent by: Stephen Frost <sfrost@snowman.net>.
`,
  rpfilter: `
rpfilter match options:
    --loose          permit reverse path via any interface
    --validmark      use skb nfmark when performing route lookup
    --accept-local   do not reject packets with a local source address
    --invert         match packets that failed the reverse path test
`,
  sctp: `
sctp match options
[!] --source-port port[:port]                          match source port(s)
 --sport ...
[!] --destination-port port[:port]                     match destination port(s)
 --dport ...
[!] --chunk-types (all|any|none) (chunktype[:flags])+\tmatch if all, any or none of
\t\t\t\t\t\t        chunktypes are present
chunktypes - DATA INIT INIT_ACK SACK HEARTBEAT HEARTBEAT_ACK ABORT SHUTDOWN SHUTDOWN_ACK ERROR COOKIE_ECHO COOKIE_ACK ECN_ECNE ECN_CWR SHUTDOWN_COMPLETE ASCONF ASCONF_ACK FORWARD_TSN ALL NONE
`,
  set: `
set match options:
 [!] --match-set name flags [--return-nomatch]
   [! --update-counters] [! --update-subcounters]
   [[!] --packets-eq value | --packets-lt value | --packets-gt value
   [[!] --bytes-eq value | --bytes-lt value | --bytes-gt value
\t\t 'name' is the set name from to match,
\t\t 'flags' are the comma separated list of
\t\t 'src' and 'dst' specifications.
`,
  socket: `
socket match options:
  --nowildcard     Do not ignore LISTEN sockets bound on INADDR_ANY
  --transparent    Ignore non-transparent sockets
  --restore-skmark Set the packet mark to the socket mark if
                   the socket matches and transparent / 
                   nowildcard conditions are satisfied

`,
  state: `
state match options:
 [!] --state [INVALID|ESTABLISHED|NEW|RELATED|UNTRACKED][,...]
\t\t\t\tState(s) to match
`,
  statistic: `
statistic match options:
 --mode mode                    Match mode (random, nth)
 random mode:
[!] --probability p\t\t Probability
 nth mode:
[!] --every n\t\t\t Match every nth packet
 --packet p\t\t\t Initial counter value (0 <= p <= n-1, default 0)
`,
  string: `
string match options:
--from                       Offset to start searching from
--to                         Offset to stop searching
--algo                       Algorithm
--icase                      Ignore case (default: 0)
[!] --string string          Match a string in a packet
[!] --hex-string string      Match a hex string in a packet
`,
  tcp: `
tcp match options:
[!] --tcp-flags mask comp\tmatch when TCP flags & mask == comp
\t\t\t\t(Flags: SYN ACK FIN RST URG PSH ALL NONE)
[!] --syn\t\t\tmatch when only SYN flag set
\t\t\t\t(equivalent to --tcp-flags SYN,RST,ACK,FIN SYN)
[!] --source-port port[:port]
 --sport ...
\t\t\t\tmatch source port(s)
[!] --destination-port port[:port]
 --dport ...
\t\t\t\tmatch destination port(s)
[!] --tcp-option number        match if TCP option set
`,
  tcpmss: `
tcpmss match options:
[!] --mss value[:value]\tMatch TCP MSS range.
\t\t\t\t(only valid for TCP SYN or SYN/ACK packets)
`,
  time: `
time match options:
    --datestart time     Start and stop time, to be given in ISO 8601
    --datestop time      (YYYY[-MM[-DD[Thh[:mm[:ss]]]]])
    --timestart time     Start and stop daytime (hh:mm[:ss])
    --timestop time      (between 00:00:00 and 23:59:59)
[!] --monthdays value    List of days on which to match, separated by comma
                         (Possible days: 1 to 31; defaults to all)
[!] --weekdays value     List of weekdays on which to match, sep. by comma
                         (Possible days: Mon,Tue,Wed,Thu,Fri,Sat,Sun or 1 to 7
                         Defaults to all weekdays.)
    --kerneltz           Work with the kernel timezone instead of UTC
`,
  tos: `
tos match options:
[!] --tos value[/mask]    Match Type of Service/Priority field value
[!] --tos symbol          Match TOS field (IPv4 only) by symbol
                          Accepted symbolic names for value are:
                          (0x10) 16 Minimize-Delay
                          (0x08)  8 Maximize-Throughput
                          (0x04)  4 Maximize-Reliability
                          (0x02)  2 Minimize-Cost
                          (0x00)  0 Normal-Service

`,
  ttl: `
ttl match options:
[!] --ttl-eq value\tMatch time to live value
  --ttl-lt value\tMatch TTL < value
  --ttl-gt value\tMatch TTL > value
`,
  u32: `
u32 match options:
[!] --u32 tests
\t\ttests := location "=" value | tests "&&" location "=" value
\t\tvalue := range | value "," range
\t\trange := number | number ":" number
\t\tlocation := number | location operator number
\t\toperator := "&" | "<<" | ">>" | "@"
`,
  udp: `
udp match options:
[!] --source-port port[:port]
 --sport ...
\t\t\t\tmatch source port(s)
[!] --destination-port port[:port]
 --dport ...
\t\t\t\tmatch destination port(s)
`,
};
