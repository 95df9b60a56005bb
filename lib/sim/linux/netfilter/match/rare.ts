/** Matches that only people write: loaded with the programs. */
import { cgroup } from './cgroup.ts';
import { connbytes } from './connbytes.ts';
import { connlimit } from './connlimit.ts';
import { connmark } from './connmark.ts';
import { cpu } from './cpu.ts';
import { dscp } from './dscp.ts';
import { ecn } from './ecn.ts';
import { hashlimit } from './hashlimit.ts';
import { helper } from './helper.ts';
import { icmp, icmp6 } from './icmp.ts';
import { iprange } from './iprange.ts';
import { ipvs } from './ipvs.ts';
import { length } from './length.ts';
import { limit } from './limit.ts';
import { mac } from './mac.ts';
import { owner } from './owner.ts';
import { physdev } from './physdev.ts';
import { pkttype } from './pkttype.ts';
import { quota } from './quota.ts';
import { realm } from './realm.ts';
import { addMatches } from './registry.ts';
import { rpfilter } from './rpfilter.ts';
import { dccp, sctp } from './sctp.ts';
import { set } from './set.ts';
import { socket } from './socket.ts';
import { state } from './state.ts';
import { string } from './string.ts';
import { tcpmss } from './tcpmss.ts';
import { time } from './time.ts';
import { tos } from './tos.ts';
import { hl, ttl } from './ttl.ts';
import { u32 } from './u32.ts';

addMatches([
  state,
  set,
  physdev,
  icmp,
  icmp6,
  cgroup,
  connbytes,
  connlimit,
  cpu,
  ecn,
  hashlimit,
  helper,
  quota,
  realm,
  rpfilter,
  socket,
  string,
  time,
  u32,
  connmark,
  dccp,
  dscp,
  hl,
  iprange,
  ipvs,
  length,
  limit,
  mac,
  owner,
  pkttype,
  sctp,
  tcpmss,
  tos,
  ttl,
]);
