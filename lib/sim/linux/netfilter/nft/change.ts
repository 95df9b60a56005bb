/** Statements that change the packet, its connection or a set. */
import { lookupRoute } from '../../route/lookup.ts';
import type { HookState } from '../ext.ts';
import type { NfTable } from '../types.ts';
import { findElem, indexedElem, insertElem, removeElem } from './sets.ts';
import { runState } from './state.ts';
import type { NftElem, NftScalar, NftSet, NftStmt } from './types.ts';
import { readExpr } from './values.ts';

type SetStmt = Extract<NftStmt, { kind: 'set' }>;

/** `SELECTOR set VALUE`. False ends the rule. */
export function assign(state: HookState, table: NfTable, s: SetStmt): boolean {
  if (s.target.name === 'tcp option maxseg size') return clamp(state, s, table);
  const v = readExpr(state, table, s.value)?.[0];
  if (v === undefined) return false;
  const { packet, ct } = state;
  const n = typeof v === 'number' ? v : 0;
  const ip = packet.ip;
  switch (s.target.name) {
    case 'ether saddr':
    case 'ether daddr':
      if (!packet.eth) return false;
      packet.eth[s.target.name === 'ether saddr' ? 'src' : 'dst'] = n;
      return true;
    case 'meta mark':
      packet.mark = n;
      return true;
    case 'ct mark':
      if (ct) ct.mark = n;
      return true;
    case 'ct zone':
      packet.ctZone = n;
      return true;
    case 'ip ttl':
    case 'ip6 hoplimit':
      if (!ip) return false;
      ip.ttl = n;
      return true;
    case 'ip dscp':
    case 'ip6 dscp':
      if (!ip) return false;
      ip.tos = (n << 2) | (ip.tos & 3);
      return true;
    case 'ip ecn':
    case 'ip6 ecn':
      if (!ip) return false;
      ip.tos = (ip.tos & 0xfc) | n;
      return true;
    case 'ip id':
      if (ip) ip.id = n;
      return ip !== undefined;
    case 'ip saddr':
    case 'ip6 saddr':
      if (!ip || typeof v === 'string') return false;
      ip.src = v;
      return true;
    case 'ip daddr':
    case 'ip6 daddr':
      if (!ip || typeof v === 'string') return false;
      ip.dst = v;
      return true;
    default:
      return ports(state, s.target.name, n);
  }
}

function ports({ packet }: HookState, name: string, n: number): boolean {
  const [proto, side] = name.split(' ');
  if (side !== 'sport' && side !== 'dport') return true;
  const l4 = proto === 'tcp' ? packet.tcp : proto === 'udp' ? packet.udp : (packet.tcp ?? packet.udp);
  if (!l4) return false;
  l4[side] = n;
  return true;
}

/** The segment size that a SYN offers: never raised, as nft_exthdr_tcp_set_eval() does it. */
function clamp(state: HookState, s: SetStmt, table: NfTable): boolean {
  const t = state.packet.tcp;
  if (!t || t.mss === undefined) return false;
  let mss: NftScalar | undefined;
  if (s.value.kind === 'field' && s.value.field.name === 'rt mtu') {
    const back = state.packet.ip && lookupRoute(state.world, state.ns, { dst: state.packet.ip.src });
    const out = state.out?.mtu ?? 65535;
    const overhead = state.family === 'ip' ? 40 : 60;
    mss = Math.max(Math.min(out, back?.ok ? back.mtu : out) - overhead, 0);
  } else mss = readExpr(state, table, s.value)?.[0];
  if (typeof mss === 'number' && mss < t.mss) t.mss = mss;
  return true;
}

/** `add|update|delete @set { KEY … }`: nft_dynset_eval(). False when the set is full or the element's state says no. */
export function dynset(state: HookState, table: NfTable, s: Extract<NftStmt, { kind: 'dynset' }>): boolean {
  const set = table.sets?.get(s.set);
  const key = readExpr(state, table, s.key);
  if (!set || !key) return false;
  const { now } = state.world;
  const found = findElem(set.elems, key, now);
  if (s.op === 'delete') {
    if (!found) return false;
    set.elems = set.elems.filter((e) => e !== found);
    return true;
  }
  const timeout = s.timeout || set.timeout;
  if (found) {
    if (s.op === 'update' && timeout && set.timed) {
      found.expires = now + timeout * 1000;
    }
    return runState(state, found.stmts ?? []);
  }
  if (!hasRoom(set, now)) return false;
  const made: NftElem = { key: key.map((v) => ({ lo: v, hi: v })) };
  if (s.data) {
    const data = readExpr(state, table, s.data);
    if (!data) return false;
    made.data = data.map((v) => ({ lo: v, hi: v }));
  }
  if (timeout && set.timed) {
    made.timeout = timeout;
    made.expires = now + timeout * 1000;
  }
  const template = s.stmts.length ? s.stmts : set.stmts;
  if (template.length) made.stmts = template.map((x) => ({ ...x }));
  dropExpired(set, made, now);
  insertElem(set.elems, made);
  return runState(state, made.stmts ?? []);
}

const isLive = (e: NftElem, now: number): boolean => e.expires === undefined || e.expires > now;

/** Whether one more fits, once those that ended are gone. */
function hasRoom(set: NftSet, now: number): boolean {
  const most = set.size || 65535;
  if (set.elems.length < most) return true;
  set.elems = set.elems.filter((e) => isLive(e, now));
  return set.elems.length < most;
}

/** Takes out an ended element whose key comes again. */
function dropExpired(set: NftSet, made: NftElem, now: number): void {
  const ended = indexedElem(
    set.elems,
    made.key.map((r) => r.lo),
  );
  if (ended && !isLive(ended, now)) removeElem(set.elems, ended);
}
