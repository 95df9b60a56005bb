/** Random nft rules: matches, statements, comments. */
import type { Lab, NftTable } from '../lab.ts';
import { words } from '../random.ts';

function expression(lab: Lab, table: NftTable): string {
  const { random } = lab;
  const v6 = table.family === 'ip6';
  const set = table.sets.filter((s) => !s.map);
  const address = () =>
    v6 ? random.pick(['fd00::1', '2001:db8::/32']) : lab.prefix().replace('0.0.0.0/0', '10.3.0.0/16');
  const not = random.maybe(0.15, '!= ');
  return random.weighted<() => string>([
    [4, () => `${v6 ? 'ip6' : 'ip'} ${random.pick(['saddr', 'daddr'])} ${not}${address()}`],
    [
      1.5,
      () =>
        `${v6 ? 'ip6' : 'ip'} ${random.pick(['saddr', 'daddr'])} ${not}'{ ${v6 ? 'fd00::1, fd00::2' : random.pick(['10.0.0.1, 10.0.0.2', '10.0.0.0/8, 192.168.0.0/16', '10.0.0.5-10.0.0.9'])} }'`,
    ],
    [
      4,
      () =>
        `${random.pick(['tcp', 'tcp', 'udp'])} ${random.pick(['dport', 'dport', 'sport'])} ${not}${random.pick(['80', '443', '1000-2000', "'{ 80, 443 }'", "'{ 22, 8000-8010 }'", 'ssh', 'http', '53'])}`,
    ],
    [1, () => `tcp flags ${random.pick(['syn', "'syn / syn,rst'", "'& (syn|ack) == syn'", '!= syn'])}`],
    [
      1,
      () =>
        `${v6 ? 'icmpv6' : 'icmp'} type ${random.pick(['echo-request', 'echo-reply', "'{ echo-request, destination-unreachable }'"])}`,
    ],
    [
      2,
      () =>
        `ct state ${random.pick(['new', 'established,related', 'invalid', "'{ new, established }'", "vmap '{ established : accept, invalid : drop }'", 'untracked'])}`,
    ],
    [0.7, () => `ct ${random.pick(['mark 1', 'status dnat', 'direction original', 'mark != 0', 'zone 5'])}`],
    [
      2,
      () =>
        `meta ${random.pick(['mark 1', 'mark 0x10', 'l4proto tcp', "l4proto '{ tcp, udp }'", 'iifname eth0', 'oifname "veth*"', 'pkttype broadcast', 'mark and 0xff == 1', 'nfproto ipv4', 'length 100-200', 'skuid 0', 'protocol ip', 'cpu 0', "mark '& 0x4000 == 0x4000'"])}`,
    ],
    [
      1.5,
      () =>
        `${random.pick(['iifname', 'oifname', 'iif', 'oif'])} ${not}${random.pick(['eth0', 'lo', '"veth*"', 'lo']).replace('"veth*"', 'eth0')}`,
    ],
    [0.7, () => `${v6 ? 'ip6 hoplimit' : 'ip ttl'} ${random.pick(['64', '1-5', '!= 1'])}`],
    [
      0.7,
      () =>
        v6
          ? 'ip6 nexthdr tcp'
          : `ip ${random.pick(['protocol tcp', "protocol '{ tcp, udp }'", 'dscp ef', 'length 84', 'id 0', 'dscp 0x10', 'frag-off 0'])}`,
    ],
    [
      0.7,
      () =>
        `fib ${random.pick(['daddr type local', 'saddr . iif oif missing', 'daddr type != unicast', 'saddr . iif oif 0', "daddr type '{ local, broadcast }'"])}`,
    ],
    [
      1,
      () =>
        `limit rate ${random.pick(['10/second', '3/minute', '5/hour burst 9 packets', 'over 100/day', '10 kbytes/second', '1 mbytes/second burst 2 mbytes'])}`,
    ],
    [
      0.5,
      () =>
        random.pick([
          'numgen random mod 2 0',
          "numgen inc mod 2 vmap '{ 0 : accept, 1 : return }'",
          'th dport 80',
          'jhash ip saddr mod 2 0',
          '@th,16,16 80',
          'rt classid 5',
        ]),
    ],
    [
      set.length > 0 ? 2 : 0,
      () => {
        const s = random.pick(set);
        return `${{ ipv4_addr: `ip ${random.pick(['saddr', 'daddr'])}`, inet_service: 'tcp dport', ifname: 'iifname', mark: 'meta mark', 'ipv4_addr . inet_service': 'ip daddr . tcp dport' }[s.type] ?? 'ip saddr'} ${not}@${s.name}`;
      },
    ],
  ])();
}

function statement(lab: Lab, table: NftTable): string {
  const { random } = lab;
  const chain = table.chains.length > 0 ? random.pick(table.chains) : 'nosuch';
  const map = table.sets.filter((s) => s.map);
  return random.weighted<() => string>([
    [4, () => 'accept'],
    [3, () => 'drop'],
    [2, () => 'return'],
    [1, () => 'continue'],
    [3, () => `${random.pick(['jump', 'jump', 'goto'])} ${chain}`],
    [
      2,
      () =>
        `reject${random.maybe(0.5, () => ` with ${random.pick(['tcp reset', 'icmp port-unreachable', 'icmp type host-unreachable', 'icmpx admin-prohibited', 'icmpx type port-unreachable', 'icmp admin-prohibited'])}`)}`,
    ],
    [
      1,
      () =>
        `log${random.maybe(0.6, ' prefix \'"drop: "\'')}${random.maybe(0.2, ' level debug')}${random.maybe(0.2, ' group 3')}`,
    ],
    [
      2,
      () =>
        `meta mark set ${random.pick(['1', '0x10', 'meta mark or 0x4000', 'ct mark', 'mark and 0xff', 'mark xor 0x1'])}`,
    ],
    [1, () => `ct mark set ${random.pick(['1', 'meta mark', 'mark'])}`],
    [
      2,
      () => `dnat to ${random.pick(['10.0.1.2', '10.0.1.2:80', '10.2.0.2:8000-8010', '10.1.1.1-10.1.1.9', ':8080'])}`,
    ],
    [1.5, () => `snat to ${random.pick(['10.0.1.1', '192.0.2.1:1000-2000', '10.1.1.1 random'])}`],
    [
      1.5,
      () =>
        `masquerade${random.maybe(0.3, () => ` ${random.pick(['random', 'fully-random', 'persistent', 'to :1000-2000'])}`)}`,
    ],
    [1, () => `redirect${random.maybe(0.7, ' to :8080')}`],
    [
      0.5,
      () =>
        random.pick([
          'notrack',
          'ip ttl set 5',
          'queue num 1',
          'tcp option maxseg size set 1400',
          'ip dscp set ef',
          'meta nftrace set 1',
          'meta priority set 1:10',
          'queue num 1 bypass',
          'tcp option maxseg size set rt mtu',
        ]),
    ],
    [
      map.length > 0 ? 2 : 0,
      () => {
        const m = random.pick(map);
        return m.type.endsWith('verdict') ? `ip saddr vmap @${m.name}` : `dnat to tcp dport map @${m.name}`;
      },
    ],
  ])();
}

export function rule(lab: Lab, table: NftTable): string {
  const { random } = lab;
  return words(
    ...Array.from(
      {
        length: random.weighted([
          [1, 0],
          [5, 1],
          [2, 2],
          [0.5, 3],
        ]),
      },
      () => expression(lab, table),
    ),
    random.maybe(0.35, () => random.pick(['counter', 'counter', 'counter packets 3 bytes 200'])),
    random.chance(0.93) ? statement(lab, table) : '',
    random.maybe(0.12, () => `comment ${random.pick(['\'"hi"\'', '\'"two words"\''])}`),
  );
}
