/** Why a packet was lost: who decided, where, and the command that shows the cause. */
import type { TraceEvent } from '../kernel/trace.ts';
import { flowName, type PacketTrace } from './flows.ts';
import { placeOf, sentence } from './words.ts';

export type Drop = TraceEvent & { kind: 'drop' };

export interface Explanation {
  /** `10.244.1.5 → 10.244.2.5 ICMP echo request seq 1` */
  packet: string;
  place: string;
  why: string;
  reason: string;
  hint: string | null;
  /** A command that shows the cause, and the host it is to be run on. */
  command: string;
  host: string;
  /** The ICMP error the sender got, if any. */
  answered: string | null;
}

const IPTABLES = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** Explains one loss. */
export function explainDrop(packet: PacketTrace, drop: Drop): Explanation {
  const before = packet.events.filter((e) => e.seq < drop.seq);
  const error = packet.events.find((e) => e.kind === 'icmp-error');
  const rule = before.findLast((e) => e.kind === 'hook' || e.kind === 'policy');
  const ruled = rule?.kind === 'policy' || (rule?.kind === 'hook' && drop.text.includes(rule.text));
  const decided = drop.reason === 'NETFILTER_DROP' && rule && ruled ? sentence(rule) : drop.text;
  return {
    packet: flowName(packet.first),
    place: placeOf(drop),
    why: decided,
    reason: drop.reason,
    hint: drop.hint ?? null,
    command: inPlace(drop, commandFor(drop, before)),
    host: drop.host,
    answered: error?.kind === 'icmp-error' ? `${error.text}, sent to ${error.to}` : null,
  };
}

/** The command as typed on the host: namespaces and Pods need a prefix. */
export function inPlace(e: TraceEvent, command: string): string {
  const pod = /^pod ([^/]+)\/(.+)$/.exec(e.ns);
  if (pod) return `kubectl exec -n ${pod[1]} ${pod[2]} -- ${command}`;
  return e.ns.startsWith(`${e.host}:`) ? `ip netns exec ${e.ns.slice(e.host.length + 1)} ${command}` : command;
}

function lastDevice(before: readonly TraceEvent[]): string {
  const e = before.findLast((x) => x.kind === 'rx' || x.kind === 'tx');
  return e && 'dev' in e ? e.dev : 'lo';
}

function commandFor(drop: Drop, before: readonly TraceEvent[]): string {
  const { src, dst } = drop.header;
  const six = dst.includes(':');
  const route = `ip ${six ? '-6 ' : ''}route get ${dst}`;
  switch (drop.reason) {
    case 'NETFILTER_DROP': {
      if (drop.text.startsWith('conntrack')) return 'conntrack -S';
      const rule = before.findLast((e) => e.kind === 'hook');
      if (rule?.kind !== 'hook') return 'nft list ruleset';
      if (!IPTABLES.includes(rule.table)) return `nft list chain ${rule.family} ${rule.table} ${rule.chain}`;
      return `${six ? 'ip6tables' : 'iptables'} -t ${rule.table} -L ${rule.chain} -n -v --line-numbers`;
    }
    case 'IP_RPFILTER':
      return `sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.${lastDevice(before)}.rp_filter`;
    case 'IP_LOCALNET':
      return `sysctl net.ipv4.conf.${lastDevice(before)}.route_localnet`;
    case 'IP_LOCAL_SOURCE':
    case 'IP_INVALID_SOURCE':
      return `ip route get ${src}`;
    case 'IP_INADDRERRORS':
      return six ? 'sysctl net.ipv6.conf.all.forwarding' : 'sysctl net.ipv4.ip_forward';
    case 'IP_INNOROUTES':
    case 'IP_OUTNOROUTES':
      return route;
    case 'NEIGH_FAILED':
    case 'NEIGH_QUEUEFULL': {
      const neighbour = before.findLast((e) => e.kind === 'neigh');
      return `ip neigh show${neighbour?.kind === 'neigh' ? ` ${neighbour.ip}` : ''}`;
    }
    case 'NO_SOCKET':
      return drop.header.proto === 'UDP' ? 'ss -lun' : 'ss -ltn';
    case 'PKT_TOO_BIG':
      return `tracepath -n ${dst}`;
    case 'IP_INHDR':
      return `traceroute -n ${dst}`;
    case 'TC_INGRESS':
    case 'TC_EGRESS':
      return `tc -s filter show dev ${lastDevice(before)} ${drop.reason === 'TC_INGRESS' ? 'ingress' : 'egress'}`;
    case 'OTHERHOST':
    case 'DEV_READY':
    case 'QDISC_DROP':
      return `ip -s link show ${lastDevice(before)}`;
    default:
      return route;
  }
}
