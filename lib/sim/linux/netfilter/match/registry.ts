/** Every match by name. A new one is a file here and a line below. */
import type { MatchExt } from '../ext.ts';
import { addrtype } from './addrtype.ts';
import { cgroup } from './cgroup.ts';
import { comment } from './comment.ts';
import { connbytes } from './connbytes.ts';
import { connlimit } from './connlimit.ts';
import { connmark } from './connmark.ts';
import { conntrack } from './conntrack.ts';
import { cpu } from './cpu.ts';
import { dscp } from './dscp.ts';
import { ecn } from './ecn.ts';
import { hashlimit } from './hashlimit.ts';
import { helper } from './helper.ts';
import { icmp, icmp6 } from './icmp.ts';
import { iprange } from './iprange.ts';
import { length } from './length.ts';
import { limit } from './limit.ts';
import { mac } from './mac.ts';
import { mark } from './mark.ts';
import { multiport } from './multiport.ts';
import { owner } from './owner.ts';
import { physdev } from './physdev.ts';
import { pkttype } from './pkttype.ts';
import { quota } from './quota.ts';
import { recent } from './recent.ts';
import { rpfilter } from './rpfilter.ts';
import { dccp, sctp } from './sctp.ts';
import { set } from './set.ts';
import { socket } from './socket.ts';
import { state } from './state.ts';
import { statistic } from './statistic.ts';
import { string } from './string.ts';
import { tcp } from './tcp.ts';
import { tcpmss } from './tcpmss.ts';
import { time } from './time.ts';
import { tos } from './tos.ts';
import { hl, ttl } from './ttl.ts';
import { u32 } from './u32.ts';
import { udp } from './udp.ts';

const ALL = [
  addrtype,
  comment,
  cgroup,
  connbytes,
  connlimit,
  cpu,
  ecn,
  hashlimit,
  helper,
  quota,
  rpfilter,
  socket,
  string,
  time,
  u32,
  connmark,
  conntrack,
  dccp,
  dscp,
  hl,
  icmp,
  icmp6,
  iprange,
  length,
  limit,
  mac,
  mark,
  multiport,
  owner,
  physdev,
  pkttype,
  recent,
  sctp,
  set,
  state,
  statistic,
  tcp,
  tcpmss,
  tos,
  ttl,
  udp,
];

export const MATCHES: ReadonlyMap<string, MatchExt> = new Map(ALL.map((m) => [m.name, m]));

/** Matches that exist in iptables 1.8.9 and are not modelled. */
export const MATCHES_NOT_MODELLED: ReadonlySet<string> = new Set(
  'ah bpf cluster connlabel devgroup esp ipcomp ipvs nfacct osf policy rateest realm srh rt mh hbh frag eui64 dst ipv6header'.split(
    ' ',
  ),
);
