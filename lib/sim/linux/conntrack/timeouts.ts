/** How long connections live: net.netfilter.nf_conntrack_*_timeout_*, in seconds. */
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';

/** Every net.netfilter sysctl of connection tracking with its default. */
export const CONNTRACK_DEFAULTS: Readonly<Record<string, number>> = {
  nf_conntrack_acct: 0,
  nf_conntrack_checksum: 1,
  nf_conntrack_events: 2,
  nf_conntrack_expect_max: 4096,
  nf_conntrack_frag6_high_thresh: 4194304,
  nf_conntrack_frag6_low_thresh: 3145728,
  nf_conntrack_frag6_timeout: 60,
  nf_conntrack_generic_timeout: 600,
  nf_conntrack_gre_timeout: 30,
  nf_conntrack_gre_timeout_stream: 180,
  nf_conntrack_helper: 0,
  nf_conntrack_icmp_timeout: 30,
  nf_conntrack_icmpv6_timeout: 30,
  nf_conntrack_log_invalid: 0,
  nf_conntrack_sctp_timeout_closed: 10,
  nf_conntrack_sctp_timeout_cookie_echoed: 3,
  nf_conntrack_sctp_timeout_cookie_wait: 3,
  nf_conntrack_sctp_timeout_established: 210,
  nf_conntrack_sctp_timeout_heartbeat_sent: 30,
  nf_conntrack_sctp_timeout_shutdown_ack_sent: 3,
  nf_conntrack_sctp_timeout_shutdown_recd: 3,
  nf_conntrack_sctp_timeout_shutdown_sent: 3,
  nf_conntrack_tcp_be_liberal: 0,
  nf_conntrack_tcp_ignore_invalid_rst: 0,
  nf_conntrack_tcp_loose: 1,
  nf_conntrack_tcp_max_retrans: 3,
  nf_conntrack_tcp_timeout_close: 10,
  nf_conntrack_tcp_timeout_close_wait: 60,
  nf_conntrack_tcp_timeout_established: 432000,
  nf_conntrack_tcp_timeout_fin_wait: 120,
  nf_conntrack_tcp_timeout_last_ack: 30,
  nf_conntrack_tcp_timeout_max_retrans: 300,
  nf_conntrack_tcp_timeout_syn_recv: 60,
  nf_conntrack_tcp_timeout_syn_sent: 120,
  nf_conntrack_tcp_timeout_time_wait: 120,
  nf_conntrack_tcp_timeout_unacknowledged: 300,
  nf_conntrack_timestamp: 0,
  nf_conntrack_udp_timeout: 30,
  nf_conntrack_udp_timeout_stream: 120,
};

/** Their whole names, so that no packet builds strings. */
const KEYS: ReadonlyMap<string, { name: string; value: number }> = new Map(
  Object.entries(CONNTRACK_DEFAULTS).map(([name, value]) => [name, { name: `net.netfilter.${name}`, value }]),
);

/** One of these sysctls by its last word, as a number. */
export function ctSysctl(ns: NetNs, name: string): number {
  const key = KEYS.get(name);
  if (!key) return 0;
  const set = ns.sysctl.get(key.name);
  return set === undefined ? key.value : Number(set);
}

/** Most connections the host may track: one limit for all its namespaces. */
export function conntrackMax(world: World, ns: NetNs): number {
  const host = world.hosts.get(ns.host);
  const root = host ? world.netns.get(host.rootNs) : undefined;
  const set = root?.sysctl.get('net.netfilter.nf_conntrack_max') ?? ns.sysctl.get('net.netfilter.nf_conntrack_max');
  return set === undefined ? ns.ct.max : Number(set);
}

const TCP_STATES: Record<string, string> = {
  SYN_SENT: 'syn_sent',
  SYN_RECV: 'syn_recv',
  ESTABLISHED: 'established',
  FIN_WAIT: 'fin_wait',
  CLOSE_WAIT: 'close_wait',
  LAST_ACK: 'last_ack',
  TIME_WAIT: 'time_wait',
  CLOSE: 'close',
  SYN_SENT2: 'syn_sent',
};

const TCP_KEYS: ReadonlyMap<string, string> = new Map(
  Object.entries(TCP_STATES).map(([state, word]) => [state, `nf_conntrack_tcp_timeout_${word}`]),
);

/** Seconds a TCP connection may stay silent in `state`. */
export const tcpTimeout = (ns: NetNs, state: string): number =>
  ctSysctl(ns, TCP_KEYS.get(state) ?? 'nf_conntrack_tcp_timeout_close');
