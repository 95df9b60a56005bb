/**
 * NodeLocal DNSCache: CoreDNS on each node behind an address of its own and the cluster DNS's, its packets not tracked. What it sets up
 * before it serves: the device, the rules, the Corefile's placeholders. Source: kubernetes/dns cmd/node-cache/app/{cache_app,configmap}.go.
 */
import { parseIp } from '../../addr/ip.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { addAddress } from '../../linux/addr/ops.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, findLink } from '../../linux/link/ops.ts';
import { ensureRules, type WantedRule } from '../../linux/netfilter/ensure-rules.ts';
import type { NetNs } from '../../linux/types.ts';
import { getObject } from '../store/store.ts';
import { type State, serveCorefile } from './program.ts';

/** The address that the cache is known by on every node. */
export const LOCAL_IP = '169.254.20.10';
const DEVICE = 'nodelocaldns';
const HEALTH = 8080;

/** Its rules for one address, in the order in which they are made. */
function rulesFor(ip: string): WantedRule[] {
  const skip = '-m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK';
  const allow = '-m comment --comment "NodeLocal DNS Cache: allow DNS traffic" -j ACCEPT';
  const both = (table: string, chain: string, side: string, then: string): WantedRule[] =>
    ['tcp', 'udp'].map((proto) => {
      const port = side === '-s' ? '--sport' : '--dport';
      return { table, chain, rule: `${side} ${ip}/32 -p ${proto} -m ${proto} ${port} 53 ${then}`, prepend: true };
    });
  return [
    ...both('raw', 'PREROUTING', '-d', skip),
    ...both('filter', 'INPUT', '-d', allow),
    ...both('raw', 'OUTPUT', '-s', skip),
    ...both('filter', 'OUTPUT', '-s', allow),
    ...both('raw', 'OUTPUT', '-d', skip),
    { table: 'raw', chain: 'OUTPUT', rule: `-d ${ip}/32 -p tcp -m tcp --dport ${HEALTH} ${skip}`, prepend: true },
    { table: 'raw', chain: 'OUTPUT', rule: `-s ${ip}/32 -p tcp -m tcp --sport ${HEALTH} ${skip}`, prepend: true },
  ];
}

/** The dummy device with the addresses, and the rules. */
function prepare(world: World, ns: NetNs, ips: readonly string[]): void {
  let link = findLink(ns, DEVICE);
  if (!link) {
    const made = addLink(world, ns, { kind: 'dummy', name: DEVICE });
    if (isNlError(made)) return;
    link = made;
  }
  for (const text of ips) {
    const local = parseIp(text);
    if (local !== null && !link.addrs.some((a) => a.local === local)) addAddress(world, ns, link, { local, len: 32 });
  }
  for (const ip of ips) ensureRules(world, ns, rulesFor(ip));
}

const clusterIp = (world: World, name: string): string =>
  String(getObject(world, 'services', 'kube-system', name)?.spec?.clusterIP ?? '');

/** The program, with `-localip 169.254.20.10,<cluster DNS> -conf /etc/Corefile -upstreamsvc kube-dns-upstream`. */
export function* nodeCache(proc: Proc, rest?: State): Program {
  const { world, netns } = proc;
  if (!rest) prepare(world, netns, [LOCAL_IP, clusterIp(world, 'kube-dns')]);
  const source = {
    configMap: 'node-local-dns',
    replace: [
      ['__PILLAR__LOCAL__DNS__', LOCAL_IP],
      ['__PILLAR__DNS__SERVER__', clusterIp(world, 'kube-dns')],
      ['__PILLAR__DNS__DOMAIN__', 'cluster.local'],
      ['__PILLAR__CLUSTER__DNS__', clusterIp(world, 'kube-dns-upstream')],
      ['__PILLAR__UPSTREAM__SERVERS__', '/etc/resolv.conf'],
    ] as [string, string][],
  };
  return yield* serveCorefile(proc, nodeCache, source, rest);
}
