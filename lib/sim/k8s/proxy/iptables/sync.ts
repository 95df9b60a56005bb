/** One sync of kube-proxy in iptables mode. Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go of 1.34. */
import { formatIp } from '../../../addr/ip.ts';
import type { Host, World } from '../../../kernel/world.ts';
import { apply, ensureRules, type WantedRule } from '../../../linux/netfilter/ensure-rules.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { setSysctl } from '../../../linux/sysctl/sysctl.ts';
import type { NetNs } from '../../../linux/types.ts';
import { proxyConfig } from '../config.ts';
import { servicePorts } from '../service-ports.ts';
import { serviceRules } from './rules.ts';

const FILTER_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
const NAT_CHAINS = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

const jump = (table: string, from: string, to: string, text: string, ct = false): WantedRule => ({
  table,
  chain: from,
  prepend: true,
  rule: `${ct ? '-m conntrack --ctstate NEW ' : ''}-m comment --comment "${text}" -j ${to}`,
});

/** In the order in which they are ensured; each goes to the top, so the last stands first. */
const JUMPS: WantedRule[] = [
  jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', true),
  jump('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', true),
  jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
  jump('filter', 'FORWARD', 'KUBE-SERVICES', 'kubernetes service portals', true),
  jump('filter', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals', true),
  jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
  jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true),
  jump('filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true),
  jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true),
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
];

const STATIC_FILTER = [
  '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
  '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
  '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
];

const LOCALNET =
  '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

const STATIC_NAT = [
  '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
  '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
];

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|EXT|FW|SEP)-/;

/** Empty chains that something other than kube-proxy would flush: their loss means that all has to be written anew. */
export function ensureCanaries(world: World, ns: NetNs, name: string): void {
  const missing = ['mangle', 'nat', 'filter'].filter((table) => !findTable(ns, 'ip', table)?.chains.has(name));
  for (const table of missing) apply(world, ns, `*${table}\n:${name} - [0:0]\nCOMMIT\n`);
}

const declare = (chains: readonly string[]): string => chains.map((chain) => `:${chain} - [0:0]\n`).join('');

/** The addresses of this node that NodePorts listen on, when they are limited. */
function nodePortAddresses(ns: NetNs, ranges: readonly string[]): string[] {
  const all = [...ns.links.values()]
    .flatMap((link) => link.addrs)
    .flatMap((a) => (typeof a.local === 'number' ? [a.local] : []));
  return all.filter((ip) => ranges.some((range) => inRange(formatIp(ip), range))).map(formatIp);
}

function inRange(ip: string, range: string): boolean {
  const [base = '', length = '32'] = range.split('/');
  const bits = (text: string) => text.split('.').reduce((n, part) => n * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  return Math.floor(bits(ip) / size) === Math.floor(bits(base) / size);
}

/** Writes all of kube-proxy's rules on a node. */
export function syncIptables(world: World, host: Host, ns: NetNs, node: string): void {
  const config = proxyConfig(world);
  const limited = config.nodePortAddresses.length > 0;
  const nodeIps = [...ns.links.values()].flatMap((link) => link.addrs.map((a) => formatIp(a.local)));
  const rules = serviceRules(servicePorts(world, node), config, nodeIps);
  if (config.localhostNodePorts && !limited) setSysctl(world, host, ns, 'net.ipv4.conf.all.route_localnet', '1');

  ensureCanaries(world, ns, 'KUBE-PROXY-CANARY');
  const filterChains = config.localhostNodePorts && !limited ? [...FILTER_CHAINS, 'KUBE-FIREWALL'] : FILTER_CHAINS;
  create(world, ns, 'filter', filterChains);
  create(world, ns, 'nat', NAT_CHAINS);
  ensureRules(world, ns, JUMPS);
  if (filterChains.includes('KUBE-FIREWALL')) {
    ensureRules(world, ns, [
      { table: 'filter', chain: 'INPUT', rule: '-j KUBE-FIREWALL' },
      { table: 'filter', chain: 'OUTPUT', rule: '-j KUBE-FIREWALL' },
      { table: 'filter', chain: 'KUBE-FIREWALL', rule: LOCALNET },
    ]);
  }
  const last = limited
    ? nodePortAddresses(ns, config.nodePortAddresses).map(
        (ip) =>
          `-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -d ${ip} -j KUBE-NODEPORTS`,
      )
    : [
        '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
      ];
  const stale = [...(findTable(ns, 'ip', 'nat')?.chains.keys() ?? [])].filter(
    (chain) => SERVICE_CHAIN.test(chain) && !rules.natChains.includes(chain),
  );
  apply(
    world,
    ns,
    `*filter\n${declare(FILTER_CHAINS)}${[...rules.filter, ...STATIC_FILTER].join('\n')}\nCOMMIT\n` +
      `*nat\n${declare(NAT_CHAINS)}${declare(rules.natChains)}${declare(stale)}${[...STATIC_NAT, ...rules.nat, ...last, ...stale.map((chain) => `-X ${chain}`)].join('\n')}\nCOMMIT\n`,
  );
}

function create(world: World, ns: NetNs, table: string, chains: readonly string[]): void {
  const missing = chains.filter((chain) => !findTable(ns, 'ip', table)?.chains.has(chain));
  if (missing.length > 0) apply(world, ns, `*${table}\n${declare(missing)}COMMIT\n`);
}
