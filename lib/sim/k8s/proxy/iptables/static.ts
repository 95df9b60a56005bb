/** What kube-proxy's iptables mode has on every node, whatever the Services. Source: pkg/proxy/iptables/proxier.go of 1.34. */
import type { WantedRule } from '../../../linux/netfilter/ensure-rules.ts';

const jump = (table: string, from: string, to: string, text: string, ct = false): WantedRule => ({
  table,
  chain: from,
  prepend: true,
  rule: `${ct ? '-m conntrack --ctstate NEW ' : ''}-m comment --comment "${text}" -j ${to}`,
});

/** In the order in which they are ensured; each goes to the top, so the last stands first. */
export const JUMPS: readonly WantedRule[] = [
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

/** The kubelet's own, which kube-proxy makes too but never removes. */
export const KUBELET_JUMPS: readonly WantedRule[] = [
  { table: 'filter', chain: 'INPUT', rule: '-j KUBE-FIREWALL', prepend: true },
  { table: 'filter', chain: 'OUTPUT', rule: '-j KUBE-FIREWALL', prepend: true },
];

export const FILTER_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
export const NAT_CHAINS = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

export const CANARY = 'KUBE-PROXY-CANARY';

/** A Service's chain by its name. */
export const SERVICE_CHAIN = /^KUBE-(SVC|SVL|EXT|FW|SEP)-/;

const mark = (bit: number): string => `0x${(2 ** bit).toString(16)}`;

/** The end of KUBE-FORWARD's work: what the mark and connection tracking let pass. */
export const forwardRules = (bit: number, dropInvalid: boolean): string[] => [
  ...(dropInvalid ? ['-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP'] : []),
  `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark(bit)}/${mark(bit)} -j ACCEPT`,
  '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
];

/** What masks marked packets on their way out, and what marks them. */
export const masqueradeRules = (bit: number): string[] => [
  `-A KUBE-POSTROUTING -m mark ! --mark ${mark(bit)}/${mark(bit)} -j RETURN`,
  `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark(bit)}`,
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark(bit)}`,
];

/** With route_localnet, packets from outside must not reach the loopback addresses. */
export const LOCALNET_RULE =
  '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';
