/** nf_tables' expressions on a packet: nft_do_chain()'s inner loop. */

import type { Ip } from '../../../addr/ip.ts';
import { IPPROTO } from '../../../packet/packet.ts';
import { masqueradeAddress, redirectAddress, setupNat } from '../../conntrack/nat.ts';
import type { HookState } from '../ext.ts';
import { sendReject, sendTcpReset } from '../reject.ts';
import { logPacket } from '../target/log.ts';
import type { NfRule, NfTable } from '../types.ts';
import { assign, dynset } from './change.ts';
import { runDup } from './duplicate.ts';
import { inRange, lookup } from './sets.ts';
import { runOne } from './state.ts';
import type { NftExpr, NftNat, NftRange, NftScalar, NftStmt, NftVerdict } from './types.ts';
import { readExpr } from './values.ts';

/** What a rule comes to: `break` when it does not fit, else its verdict. */
export type NftOutcome = NftVerdict | 'break';

function compare(v: NftScalar, s: Extract<NftStmt, { kind: 'match' }>): boolean {
  switch (s.op) {
    case '==':
      return inRange(v, s.right);
    case '!=':
      return !inRange(v, s.right);
    case '<':
      return v < s.right.lo;
    case '>':
      return v > s.right.lo;
    case '<=':
      return v <= s.right.lo;
    case '>=':
      return v >= s.right.lo;
  }
}

/** A value's ends: ranges in place, single values from elsewhere. */
function ends(state: HookState, table: NfTable, e: NftExpr): NftRange[] | null {
  if (e.kind === 'value') return [e.value];
  if (e.kind === 'map') {
    const key = readExpr(state, table, e.key);
    const data = key && lookup(state, table, e.set, key)?.data;
    return Array.isArray(data) ? data : null;
  }
  return readExpr(state, table, e)?.map((v) => ({ lo: v, hi: v })) ?? null;
}

/** The address of a network that has another's host bits: nft_nat_setup_netmap(). */
function onto(network: NftRange, old: Ip | undefined): NftRange {
  const { lo, hi } = network;
  if (typeof lo === 'string' || typeof hi === 'string' || old === undefined) return network;
  const host = BigInt(lo) ^ BigInt(hi);
  const mapped = (BigInt(lo) & ~host) | (BigInt(old) & host);
  const ip: Ip = typeof lo === 'bigint' ? mapped : Number(mapped);
  return { lo: ip, hi: ip };
}

function nat(state: HookState, table: NfTable, s: NftNat): NftOutcome {
  const manip = s.what === 'dnat' || s.what === 'redirect' ? 'DST' : 'SRC';
  let address: NftRange | null = null;
  let port: NftRange | null = null;
  if (s.what === 'masquerade' || s.what === 'redirect') {
    const ip = s.what === 'masquerade' ? masqueradeAddress(state) : redirectAddress(state);
    if (ip === null) return { code: 'drop' };
    address = { lo: ip, hi: ip };
  } else if (s.addr) {
    const found = ends(state, table, s.addr);
    if (!found) return 'break';
    address = found[0] ?? null;
    port = found[1] ?? null;
  }
  if (s.port) {
    const found = ends(state, table, s.port);
    if (!found) return 'break';
    port = found[0] ?? null;
  }
  const wide = typeof address?.lo === 'bigint';
  if (address && wide !== (state.family === 'ip6')) return 'break';
  if (s.prefix && address) address = onto(address, manip === 'DST' ? state.packet.ip?.dst : state.packet.ip?.src);
  const verdict = setupNat(
    state,
    {
      minIp: address && typeof address.lo !== 'string' ? address.lo : null,
      maxIp: address && typeof address.hi !== 'string' ? address.hi : null,
      minPort: port ? Number(port.lo) : null,
      maxPort: port ? Number(port.hi) : null,
      basePort: null,
      random: s.flags.includes('random'),
      fully: s.flags.includes('fully-random'),
      persistent: s.flags.includes('persistent'),
    },
    manip,
  );
  return { code: verdict === 'DROP' ? 'drop' : 'accept' };
}

function reject(state: HookState, s: Extract<NftStmt, { kind: 'reject' }>): NftOutcome {
  const v4 = state.family === 'ip';
  switch (s.type) {
    case 'tcp':
      if (state.packet.ip?.proto !== IPPROTO.tcp) return 'break';
      sendTcpReset(state);
      break;
    case 'icmp':
      if (!v4) return 'break';
      sendReject(state, 3, s.code);
      break;
    case 'icmpv6':
      if (v4) return 'break';
      sendReject(state, 1, s.code);
      break;
    case 'icmpx': {
      // no-route, port-unreachable, host-unreachable, admin-prohibited
      const code = v4 ? [0, 3, 1, 13][s.code] : [0, 4, 3, 1][s.code];
      sendReject(state, v4 ? 3 : 1, code ?? 0);
    }
  }
  return { code: 'drop' };
}

/** A named counter, quota or limit. */
function object(state: HookState, table: NfTable, s: Extract<NftStmt, { kind: 'objref' }>): boolean {
  const name = typeof s.name === 'string' ? s.name : readExpr(state, table, s.name)?.[0];
  if (name === undefined) return false;
  const o = table.objects?.get(`${s.object} ${name}`);
  return !o?.stmt || runOne(state, o.stmt);
}

function step(state: HookState, table: NfTable, s: NftStmt): NftOutcome | null {
  switch (s.kind) {
    case 'match': {
      const v = readExpr(state, table, s.left)?.[0];
      return v !== undefined && compare(v, s) ? null : 'break';
    }
    case 'flags': {
      const v = readExpr(state, table, s.left)?.[0];
      return typeof v === 'number' && ((v & s.bits) !== 0) !== s.not ? null : 'break';
    }
    case 'flagcmp': {
      const v = readExpr(state, table, s.left)?.[0];
      return typeof v === 'number' && ((v & s.mask) === s.value) !== s.not ? null : 'break';
    }
    case 'lookup': {
      const v = readExpr(state, table, s.left);
      if (!v) return 'break';
      const found = lookup(state, table, s.set, v);
      if ((found !== undefined) === s.not) return 'break';
      if (found?.stmts) for (const x of found.stmts) if (!runOne(state, x)) return 'break';
      return null;
    }
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
      return runOne(state, s) ? null : 'break';
    case 'log':
      if (s.group === null) logPacket(state, { level: s.level, prefix: s.prefix ?? '', flags: s.flags });
      return null;
    case 'reject':
      return reject(state, s);
    case 'nat':
      return nat(state, table, s);
    case 'set':
      return assign(state, table, s) ? null : 'break';
    case 'notrack':
      state.packet.ct ??= { id: 0, reply: false, state: 'UNTRACKED' };
      return null;
    case 'queue':
      // Nobody reads the queue: dropped, unless it may be passed by.
      return { code: s.flags.includes('bypass') ? 'accept' : 'drop' };
    case 'objref':
      return object(state, table, s) ? null : 'break';
    case 'dynset':
      return dynset(state, table, s) ? null : 'break';
    case 'dup':
      return runDup(state, table, s) ? null : 'break';
    case 'tproxy':
      // Without a transparent socket on that port the rule does not fit; the model's sockets are never transparent.
      return 'break';
    case 'fwd':
    case 'synproxy':
    case 'flow':
      return null;
    case 'verdict':
      return s.verdict;
    case 'vmap': {
      const key = readExpr(state, table, s.key);
      const found = key ? lookup(state, table, s.set, key) : undefined;
      if (found?.stmts) for (const x of found.stmts) if (!runOne(state, x)) return 'break';
      const data = found?.data;
      if (!data || Array.isArray(data)) return 'break';
      return data;
    }
  }
}

/** Evaluates a rule's statements in order. `break` when one does not fit; `continue` when none decides. */
export function evalRule(state: HookState, table: NfTable, rule: NfRule): NftOutcome {
  for (const s of rule.nft ?? []) {
    const outcome = step(state, table, s);
    // What iptables shows of the rule.
    if (s.kind === 'counter') {
      rule.packets = s.packets;
      rule.bytes = s.bytes;
    }
    if (outcome) return outcome;
  }
  return { code: 'continue' };
}

const usesCt = (e: NftExpr | null): boolean => {
  if (!e) return false;
  switch (e.kind) {
    case 'field':
      return e.field.name.startsWith('ct ');
    case 'bin':
      return usesCt(e.left);
    case 'concat':
      return e.parts.some(usesCt);
    case 'map':
      return usesCt(e.key);
    case 'hash':
      return usesCt(e.of);
    default:
      return false;
  }
};

/** Whether a rule makes the kernel track connections. */
export const nftTracks = (rule: NfRule): boolean =>
  (rule.nft ?? []).some((s) => {
    switch (s.kind) {
      case 'nat':
      case 'connlimit':
        return true;
      case 'objref':
        return s.object.startsWith('ct ');
      case 'match':
      case 'flags':
      case 'flagcmp':
      case 'lookup':
        return usesCt(s.left);
      case 'set':
        return s.target.name.startsWith('ct ') || usesCt(s.value);
      case 'vmap':
      case 'dynset':
        return usesCt(s.key);
      default:
        return false;
    }
  });
