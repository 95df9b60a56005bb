/** Which words nft's scanner takes for keywords: some everywhere, some only behind the word that opens their scope. */

const EVERYWHERE = new Set(
  (
    'vmap include define redefine undefine describe hook device devices table chain rule set element map flowtable handle ' +
    'ruleset socket tproxy accept drop continue jump goto return inet netdev add replace update create insert delete get ' +
    'list reset flush rename import export monitor position index comment constant interval dynamic auto-merge timeout ' +
    'gc-interval elements expires policy size flow offload meter counter log queue limit quota hour day reject snat dnat ' +
    'masquerade redirect random th bridge ether type typeof vlan arp ip ecn time icmp icmpv6 igmp ip6 priority ah esp comp ' +
    'flags udp udplite tcp dccp sctp rt rt0 rt2 srh hbh frag dst mh meta mark iif iifname iiftype oif oifname oiftype skuid ' +
    'skgid nftrace rtclassid ibriport ibrname obriport obrname pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash ' +
    'dup fwd fib osf synproxy notrack all exists missing exthdr ipsec secmark xt'
  ).split(' '),
);

const ADDRESSES = 'saddr daddr';
/** Words of each scope. */
const SCOPES: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    list: 'chains sets tables meters flowtables limits maps secmarks synproxys hooks counters quotas',
    reset: 'counters quotas',
    monitor: 'chains sets tables rules trace xml json vm',
    export: 'xml json vm',
    import: 'xml json vm',
    socket: 'transparent wildcard cgroupv2 level',
    queue: 'to num bypass fanout',
    dup: 'to',
    fwd: 'to',
    tproxy: 'to',
    nat: 'to prefix fully-random persistent port addr',
    policy: 'performance memory',
    counter: 'name packets bytes',
    limit: 'name packets bytes rate burst second minute week over',
    quota: 'name bytes over used until',
    synproxy: 'name wscale maxseg mss timestamp sack-permitted sack-perm',
    osf: 'name version ttl',
    ct: `${ADDRESSES} packets bytes over id protocol dport avgpkt l3proto proto-src proto-dst zone original reply direction event expectation expiration helper helpers label state status count`,
    log: 'prefix snaplen queue-threshold level group',
    reject: 'with icmpx',
    at: 'll nh',
    arp: `${ADDRESSES} htype ptype hlen plen operation`,
    ether: ADDRESSES,
    ip: `to prefix addr ${ADDRESSES} id version hdrlength dscp length frag-off ttl protocol checksum lsrr rr ssrr ra ptr value option options`,
    ip6: `to prefix addr ${ADDRESSES} version dscp length flowlabel hoplimit nexthdr`,
    fib: ADDRESSES,
    ipsec: `${ADDRESSES} spi reqid spnum in out`,
    vlan: 'id cfi dei pcp',
    icmp: 'id checksum gateway code param-problem max-delay mtu sequence',
    icmpv6: 'id checksum gateway code param-problem max-delay mtu sequence',
    igmp: 'checksum mrt group',
    frag: 'id frag-off nexthdr reserved reserved2 more-fragments',
    ah: 'hdrlength nexthdr sequence reserved spi',
    esp: 'sequence spi',
    comp: 'cpi nexthdr',
    udp: 'length checksum sport dport',
    udplite: 'checksum csumcov sport dport',
    tcp: 'length checksum ackseq doff window urgptr echo eol maxseg mss nop noop sack sack0 sack1 sack2 sack3 sack-permitted sack-perm timestamp fastopen mptcp md5sig left right count tsval tsecr subtype options option sequence reserved sport dport',
    sctp: 'length checksum sport dport chunk vtag',
    dccp: 'sport dport',
    th: 'sport dport',
    type: 'dscp protocol classid',
    meta: 'length protocol',
    rt: 'hdrlength nexthdr addr nexthop seg-left mtu last-entry tag sid classid',
    hbh: 'hdrlength nexthdr',
    dst: 'hdrlength nexthdr',
    mh: 'hdrlength nexthdr checksum reserved',
    numgen: 'inc mod offset',
    hash: 'seed mod offset',
  }).map(([scope, words]) => [scope, new Set(words.split(' '))]),
);

export const isKeyword = (word: string, scopes: readonly string[]): boolean =>
  EVERYWHERE.has(word) || scopes.some((s) => SCOPES[s]?.has(word));
