/** nf_tables' expressions on a packet: nft_do_chain()'s inner loop. */
import { nextBelow } from '../../../kernel/rng.ts';
import { IPPROTO, ipLength } from '../../../packet/packet.ts';
import { masqueradeAddress, redirectAddress, setupNat } from '../../conntrack/nat.ts';
import type { HookState } from '../ext.ts';
import { sendReject, sendTcpReset } from '../reject.ts';
import { logPacket } from '../target/log.ts';
import type { NfRule, NfTable } from '../types.ts';
import { FIELDS } from './fields.ts';
import type { NftElem, NftExpr, NftRange, NftScalar, NftSetRef, NftStmt, NftVerdict } from './types.ts';

/** What a rule comes to: `break` when it does not fit, else its verdict. */
export type NftOutcome = NftVerdict | 'break';

const inRange = (v: NftScalar, r: NftRange): boolean => {
  if (typeof r.lo === 'string') {
    if (typeof v !== 'string') return false;
    return r.lo.endsWith('*') ? v.startsWith(r.lo.slice(0, -1)) : v === r.lo;
  }
  if (typeof v === 'string' || typeof r.hi === 'string') return false;
  return typeof v === typeof r.lo && v >= r.lo && v <= r.hi;
};

/** Elements that are still alive. */
const alive = (e: NftElem, now: number): boolean => e.expires === undefined || e.expires > now;

function find(state: HookState, table: NfTable, ref: NftSetRef, key: readonly NftScalar[]): NftElem | undefined {
  const elems = 'name' in ref ? table.sets?.get(ref.name)?.elems : ref.elems;
  return elems?.find(
    (e) =>
      alive(e, state.world.now) &&
      e.key.length === key.length &&
      e.key.every((r, i) => inRange(key[i] as NftScalar, r)),
  );
}

/** The values of an expression, one for each part of a concatenation; null when the packet lacks one. */
function read(state: HookState, table: NfTable, e: NftExpr): NftScalar[] | null {
  switch (e.kind) {
    case 'field': {
      const v = FIELDS[e.field.name]?.(state);
      return v === undefined ? null : [v];
    }
    case 'value':
      return [e.value];
    case 'numgen': {
      if (e.mode === 'random') return [e.offset + nextBelow(state.world.rng, e.mod)];
      // The counter is raised before it is read, as nft_ng_inc_gen() does it.
      e.next = e.next + 1 < e.mod ? e.next + 1 : 0;
      return [e.offset + e.next];
    }
    case 'bin': {
      const left = read(state, table, e.left)?.[0];
      if (typeof left !== 'number') return null;
      const v = e.op === '&' ? left & e.right : e.op === '|' ? left | e.right : left ^ e.right;
      return [v >>> 0];
    }
    case 'concat': {
      const all: NftScalar[] = [];
      for (const part of e.parts) {
        const v = read(state, table, part);
        if (!v) return null;
        all.push(...v);
      }
      return all;
    }
    case 'map': {
      const key = read(state, table, e.key);
      const data = key && find(state, table, e.set, key)?.data;
      return Array.isArray(data) ? data : null;
    }
  }
}

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

const UNIT_SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };

/** nft_limit_pkts_eval(): a token bucket in microseconds. */
function limited(state: HookState, s: Extract<NftStmt, { kind: 'limit' }>): boolean {
  const cost = ((UNIT_SECONDS[s.unit] ?? 1) * 1_000_000) / s.rate;
  const max = cost * (s.burst || 1);
  s.tokens = s.last < 0 ? max : Math.min(max, s.tokens + state.world.now - s.last);
  s.last = state.world.now;
  const ok = s.tokens >= cost;
  if (ok) s.tokens -= cost;
  return ok === s.over;
}

function nat(state: HookState, table: NfTable, s: Extract<NftStmt, { kind: 'nat' }>): NftOutcome {
  const manip = s.what === 'dnat' || s.what === 'redirect' ? 'DST' : 'SRC';
  let min: NftScalar | null = null;
  let port = s.port && typeof s.port.lo === 'number' ? { min: s.port.lo, max: Number(s.port.hi) } : null;
  if (s.what === 'masquerade' || s.what === 'redirect') {
    min = s.what === 'masquerade' ? masqueradeAddress(state) : redirectAddress(state);
    if (min === null) return { code: 'drop' };
  } else if (s.addr) {
    const v = read(state, table, s.addr);
    if (!v) return 'break';
    min = v[0] ?? null;
    if (typeof v[1] === 'number') port = { min: v[1], max: v[1] };
  }
  const ip = typeof min === 'string' ? null : min;
  const verdict = setupNat(
    state,
    {
      minIp: ip,
      maxIp: ip,
      minPort: port?.min ?? null,
      maxPort: port?.max ?? null,
      basePort: null,
      random: s.flags.includes('random'),
      fully: s.flags.includes('fully-random'),
      persistent: s.flags.includes('persistent'),
    },
    manip,
  );
  return { code: verdict === 'DROP' ? 'drop' : 'accept' };
}

function step(state: HookState, table: NfTable, s: NftStmt): NftOutcome | null {
  switch (s.kind) {
    case 'match': {
      const v = read(state, table, s.left)?.[0];
      return v !== undefined && compare(v, s) ? null : 'break';
    }
    case 'flags': {
      const v = read(state, table, s.left)?.[0];
      return typeof v === 'number' && ((v & s.bits) !== 0) !== s.not ? null : 'break';
    }
    case 'lookup': {
      const v = read(state, table, s.left);
      return v && (find(state, table, s.set, v) !== undefined) !== s.not ? null : 'break';
    }
    case 'counter':
      s.packets++;
      s.bytes += ipLength(state.packet);
      return null;
    case 'limit':
      return limited(state, s) ? 'break' : null;
    case 'log':
      logPacket(state, { level: s.level, prefix: s.prefix, flags: 0 });
      return null;
    case 'reject':
      if (s.type < 0) {
        if (state.packet.ip?.proto !== IPPROTO.tcp) return 'break';
        sendTcpReset(state);
      } else if (s.icmpx) sendReject(state, state.family === 'ip' ? 3 : 1, state.family === 'ip' ? 3 : 4);
      else sendReject(state, s.type, s.code);
      return { code: 'drop' };
    case 'nat':
      return nat(state, table, s);
    case 'set': {
      const v = read(state, table, s.value)?.[0];
      if (typeof v !== 'number') return 'break';
      if (s.target === 'meta mark') state.packet.mark = v;
      else if (state.ct) state.ct.mark = v;
      return null;
    }
    case 'verdict':
      return s.verdict;
    case 'vmap': {
      const key = read(state, table, s.key);
      const data = key && find(state, table, s.set, key)?.data;
      if (!data || Array.isArray(data)) return 'break';
      return data;
    }
  }
}

/** Evaluates a rule's statements in order. `break` when one does not fit; `continue` when none decides. */
export function evalRule(state: HookState, table: NfTable, rule: NfRule): NftOutcome {
  for (const s of rule.nft ?? []) {
    const outcome = step(state, table, s);
    if (outcome) return outcome;
  }
  return { code: 'continue' };
}

const usesCt = (e: NftExpr): boolean =>
  e.kind === 'field'
    ? e.field.name.startsWith('ct ')
    : e.kind === 'bin'
      ? usesCt(e.left)
      : e.kind === 'concat'
        ? e.parts.some(usesCt)
        : e.kind === 'map' && usesCt(e.key);

/** Whether a rule makes the kernel track connections. */
export const nftTracks = (rule: NfRule): boolean =>
  (rule.nft ?? []).some(
    (s) =>
      s.kind === 'nat' ||
      ('left' in s && usesCt(s.left)) ||
      (s.kind === 'set' && (s.target === 'ct mark' || usesCt(s.value))) ||
      (s.kind === 'vmap' && usesCt(s.key)),
  );
