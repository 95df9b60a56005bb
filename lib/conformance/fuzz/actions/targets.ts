/** Random iptables targets: most fit the table and chain they are put into. */
import type { Lab } from '../lab.ts';

const DNAT = [
  '10.0.1.2:80',
  '10.2.0.2',
  '10.244.0.2:8080',
  '10.1.0.1-10.1.0.9',
  '10.2.0.2:8000-8010',
  ':8080',
  '10.244.0.3:80 --random',
  '10.244.0.2 --persistent',
];

/** A target that is likely to fit the table and chain, seldom one that does not. */
export function target(lab: Lab, table: string, chain: string, users: readonly string[], proto: string): string {
  const { random } = lab;
  if (random.chance(0.04))
    return random.maybe(
      0.5,
      () =>
        `-j ${random.pick(['NOSUCH', 'DNAT', 'MASQUERADE', 'SNAT --to-source', 'TPROXY', 'INPUT', 'accept', chain])}`,
    );
  if (users.length > 0 && random.chance(0.25)) return `${random.pick(['-j', '-j', '-j', '-g'])} ${random.pick(users)}`;
  const common: [number, string][] = [
    [6, '-j ACCEPT'],
    [3, '-j DROP'],
    [3, '-j RETURN'],
    [0.7, ''],
    [
      1,
      `-j LOG${random.maybe(0.6, () => ` --log-prefix ${random.pick(['"drop: "', 'x', '"a very long prefix that is longer than it may"'])}`)}${random.maybe(0.3, () => ` --log-level ${random.pick(['4', 'debug', 'info', 'warning', '7'])}`)}${random.maybe(0.1, ' --log-uid')}${random.maybe(0.1, ' --log-tcp-options')}`,
    ],
    [
      1,
      `-j NFLOG${random.maybe(0.6, ' --nflog-group 5')}${random.maybe(0.4, ' --nflog-prefix "k8s x"')}${random.maybe(0.2, ' --nflog-size 60')}`,
    ],
    [
      1.5,
      `-j MARK ${random.pick(['--set-mark 1', '--set-xmark 0x4000/0x4000', '--or-mark 0x10', '--and-mark 0xff', '--xor-mark 2', '--set-mark 0x10/0xf0', '--set-xmark 0x0/0x0'])}`,
    ],
    [
      1,
      `-j CONNMARK ${random.pick(['--save-mark', '--restore-mark', '--set-mark 7', '--save-mark --mask 0xff', '--restore-mark --nfmask 0xf0 --ctmask 0xf0', '--set-xmark 0x1/0x1', '--or-mark 4'])}`,
    ],
    [0.3, `-j NFQUEUE ${random.pick(['--queue-num 3', '--queue-num 1 --queue-bypass', '--queue-balance 0:3'])}`],
  ];
  if (proto === 'tcp' || random.chance(0.05)) common.push([1, `-j REJECT --reject-with tcp-reset`]);
  if (table === 'filter' || random.chance(0.02))
    common.push([
      3,
      `-j REJECT${random.maybe(0.6, () => ` --reject-with ${random.pick(['icmp-port-unreachable', 'icmp-host-unreachable', 'icmp-net-unreachable', 'icmp-admin-prohibited', 'icmp-host-prohibited', 'icmp-proto-unreachable', 'host-unreach'])}`)}`,
    ]);
  if (table === 'nat') {
    const pre = chain === 'PREROUTING' || chain === 'OUTPUT' || random.chance(0.1);
    const post = chain === 'POSTROUTING' || chain === 'INPUT' || random.chance(0.1);
    const user = !['PREROUTING', 'OUTPUT', 'POSTROUTING', 'INPUT'].includes(chain);
    if (pre || user)
      common.push(
        [8, `-j DNAT --to-destination ${random.pick(DNAT)}`],
        [2, `-j REDIRECT${random.maybe(0.8, () => ` --to-ports ${random.pick(['8080', '15001', '1000-1010'])}`)}`],
        [1, '-j NETMAP --to 10.8.0.0/24'],
      );
    if (post || user)
      common.push(
        [
          6,
          `-j MASQUERADE${random.maybe(0.3, () => ` ${random.pick(['--random-fully', '--random', '--to-ports 40000-50000'])}`)}`,
        ],
        [
          4,
          `-j SNAT --to-source ${random.pick(['192.0.2.1', '10.1.0.1', '192.0.2.1-192.0.2.9', '10.2.0.1:1024-2048', '10.0.1.1 --random-fully'])}`,
        ],
      );
  }
  if (table === 'mangle')
    common.push(
      [1, `-j TTL ${random.pick(['--ttl-set 64', '--ttl-dec 1', '--ttl-inc 2'])}`],
      [1, `-j DSCP ${random.pick(['--set-dscp 46', '--set-dscp-class EF', '--set-dscp 0x0a'])}`],
      [1, `-j TOS ${random.pick(['--set-tos 0x10', '--or-tos 4', '--and-tos 0xfc', '--set-tos Minimize-Delay'])}`],
      [1, `-j TCPMSS ${random.pick(['--set-mss 1400', '--clamp-mss-to-pmtu'])}`],
      [0.6, '-j CHECKSUM --checksum-fill'],
      [0.6, `-j TPROXY --on-port 15006 --tproxy-mark 0x539`],
      [0.6, '-j CLASSIFY --set-class 1:10'],
      [0.4, '-j TEE --gateway 10.0.0.1'],
    );
  if (table === 'raw')
    common.push(
      [3, `-j CT ${random.pick(['--notrack', '--zone 5', '--ctevents new'])}`],
      [1, '-j NOTRACK'],
      [1, '-j TRACE'],
    );
  return random.weighted(common);
}
