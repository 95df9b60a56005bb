/** The iptables rules of IPVS mode, as text for iptables-restore. Source: kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (writeIptablesRules) of 1.34. */
import { ifNotLocal } from '../iptables/rules.ts';
import { forwardRules, masqueradeRules } from '../iptables/static.ts';
import type { LocalDetector, ProxyFamily } from '../mode.ts';
import { SETS, type SetName, setName } from './sets.ts';
import type { Closed } from './wanted.ts';

/** Tables and chains of the mode, in the order they are made. */
export const CHAINS: Readonly<Record<'nat' | 'filter', readonly string[]>> = {
  nat: ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER', 'KUBE-MARK-MASQ'],
  filter: [
    'KUBE-FORWARD',
    'KUBE-NODE-PORT',
    'KUBE-PROXY-FIREWALL',
    'KUBE-SOURCE-RANGES-FIREWALL',
    'KUBE-IPVS-FILTER',
    'KUBE-IPVS-OUT-FILTER',
  ],
};

const jump = (table: string, chain: string, to: string, comment: string) => ({
  table,
  chain,
  prepend: true,
  rule: `-m comment --comment "${comment}" -j ${to}`,
});

/** Jumps from the built-in chains; each goes to the top, so the last stands first. */
export const JUMPS = [
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
  jump('filter', 'INPUT', 'KUBE-NODE-PORT', 'kubernetes health check rules'),
  jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
  jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
  jump('filter', 'INPUT', 'KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
  jump('filter', 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'),
];

interface SetRule {
  set: SetName;
  table: 'nat' | 'filter';
  chain: string;
  target: string;
  dirs: string;
  protocol?: string;
}

/** Rules that stand while their set has members. */
const SET_RULES: readonly SetRule[] = [
  { set: 'KUBE-LOOP-BACK', table: 'nat', chain: 'KUBE-POSTROUTING', target: 'MASQUERADE', dirs: 'dst,dst,src' },
  { set: 'KUBE-LOAD-BALANCER', table: 'nat', chain: 'KUBE-SERVICES', target: 'KUBE-LOAD-BALANCER', dirs: 'dst,dst' },
  { set: 'KUBE-LOAD-BALANCER-LOCAL', table: 'nat', chain: 'KUBE-LOAD-BALANCER', target: 'RETURN', dirs: 'dst,dst' },
  ...(
    [
      ['KUBE-NODE-PORT-LOCAL-TCP', 'RETURN', 'dst', 'tcp'],
      ['KUBE-NODE-PORT-TCP', 'KUBE-MARK-MASQ', 'dst', 'tcp'],
      ['KUBE-NODE-PORT-LOCAL-UDP', 'RETURN', 'dst', 'udp'],
      ['KUBE-NODE-PORT-UDP', 'KUBE-MARK-MASQ', 'dst', 'udp'],
      ['KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'RETURN', 'dst,dst', 'sctp'],
      ['KUBE-NODE-PORT-SCTP-HASH', 'KUBE-MARK-MASQ', 'dst,dst', 'sctp'],
    ] as const
  ).map(([set, target, dirs, protocol]): SetRule => {
    return { set, table: 'nat', chain: 'KUBE-NODE-PORT', target, dirs, protocol };
  }),
  {
    set: 'KUBE-LOAD-BALANCER-FW',
    table: 'filter',
    chain: 'KUBE-PROXY-FIREWALL',
    target: 'KUBE-SOURCE-RANGES-FIREWALL',
    dirs: 'dst,dst',
  },
  ...(['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'KUBE-LOAD-BALANCER-SOURCE-IP'] as const).map((set): SetRule => {
    return { set, table: 'filter', chain: 'KUBE-SOURCE-RANGES-FIREWALL', target: 'RETURN', dirs: 'dst,dst,src' };
  }),
];

export interface RuleInput {
  family: ProxyFamily;
  detector: LocalDetector;
  masqueradeAll: boolean;
  masqueradeBit: number;
  /** Whether a set is to have members. */
  filled: (set: SetName) => boolean;
  closedToNode: readonly Closed[];
}

class Writer {
  readonly nat: string[] = [];
  readonly filter: string[] = [];

  constructor(private readonly input: RuleInput) {}

  private match = (set: SetName, dirs: string): string =>
    `-m set --match-set ${setName(set, this.input.family)} ${dirs}`;

  private commented = (set: SetName, dirs: string): string =>
    `-m comment --comment "${SETS[set].comment}" ${this.match(set, dirs)}`;

  write(): void {
    const { family, filled, closedToNode, masqueradeBit } = this.input;
    this.nat.push(`-A KUBE-SERVICES -s ${family === 'ip' ? '127.0.0.0/8' : '::1/128'} -j RETURN`);
    for (const { set, table, chain, target, dirs, protocol } of SET_RULES) {
      if (!filled(set)) continue;
      this[table].push(`-A ${chain} ${protocol ? `-p ${protocol} ` : ''}${this.commented(set, dirs)} -j ${target}`);
    }
    if (filled('KUBE-CLUSTER-IP')) this.clusterIP();
    for (const set of ['KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'] as const) if (filled(set)) this.externalIP(set);
    this.nat.push('-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT');
    this.nat.push('-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ');
    this.filter.push('-A KUBE-SOURCE-RANGES-FIREWALL -j DROP');
    // A packet from the node to such an address has it as its source too.
    for (const { ip, port, protocol } of closedToNode)
      this.filter.push(
        `-A KUBE-IPVS-OUT-FILTER -s ${ip} -m ipvs --vaddr ${ip} --vproto ${protocol} --vport ${port} -j DROP`,
      );
    for (const set of ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER'] as const)
      if (filled(set)) this.nat.push(`-A KUBE-SERVICES ${this.match(set, 'dst,dst')} -j ACCEPT`);
    this.filter.push(...forwardRules(masqueradeBit, false));
    this.accessFilter();
    this.nat.push(...masqueradeRules(masqueradeBit));
  }

  private clusterIP(): void {
    const { detector, masqueradeAll } = this.input;
    // With no way to tell Pods, at least what the node sends from a service's address is masqueraded.
    const dirs = masqueradeAll || detector ? 'dst,dst' : 'src,dst';
    const from = masqueradeAll || !detector ? '' : ` ${ifNotLocal(detector)}`;
    this.nat.push(`-A KUBE-SERVICES ${this.commented('KUBE-CLUSTER-IP', dirs)}${from} -j KUBE-MARK-MASQ`);
  }

  private externalIP(set: 'KUBE-EXTERNAL-IP' | 'KUBE-EXTERNAL-IP-LOCAL'): void {
    const to = `-A KUBE-SERVICES ${this.commented(set, 'dst,dst')}`;
    if (set === 'KUBE-EXTERNAL-IP') this.nat.push(`${to} -j KUBE-MARK-MASQ`);
    this.nat.push(`${to} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT`);
    this.nat.push(`${to} -m addrtype --dst-type LOCAL -j ACCEPT`);
  }

  private accessFilter(): void {
    const health = 'KUBE-HEALTH-CHECK-NODE-PORT';
    this.filter.push(`-A KUBE-NODE-PORT ${this.commented(health, 'dst')} -j ACCEPT`);
    const open = ['KUBE-LOAD-BALANCER', 'KUBE-CLUSTER-IP', 'KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'] as const;
    for (const set of open) this.filter.push(`-A KUBE-IPVS-FILTER ${this.match(set, 'dst,dst')} -j RETURN`);
    this.filter.push(
      `-A KUBE-IPVS-FILTER ${this.match(health, 'dst')} -j RETURN`,
      `-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW ${this.match('KUBE-IPVS-IPS', 'dst')} -j REJECT`,
    );
  }
}

const declared = (chains: readonly string[]): string => chains.map((chain) => `:${chain} - [0:0]\n`).join('');

/** Every rule of the mode's chains, for `iptables-restore --noflush`. */
export function ruleText(input: RuleInput): string {
  const writer = new Writer(input);
  writer.write();
  return (['nat', 'filter'] as const)
    .map((table) => `*${table}\n${declared(CHAINS[table])}${writer[table].join('\n')}\nCOMMIT\n`)
    .join('');
}
