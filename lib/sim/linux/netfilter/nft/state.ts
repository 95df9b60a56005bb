/** Counters, limits, quotas and connection counts. */
import type { HookState } from '../ext.ts';
import { hookLength } from '../hook-length.ts';
import type { NftLimit, NftQuota, NftStmt } from './types.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };

/** nft_limit_pkts_eval() and nft_limit_bytes_eval(): a token bucket in microseconds. */
function limited(state: HookState, s: NftLimit): boolean {
  const period = (UNIT_SECONDS[s.unit] ?? 1) * 1_000_000;
  const one = period / s.rate;
  const cost = s.bytes ? one * hookLength(state) : one;
  const max = s.bytes ? period + one * s.burst : one * (s.burst || 1);
  s.tokens = s.last < 0 ? max : Math.min(max, s.tokens + state.world.now - s.last);
  s.last = state.world.now;
  const ok = s.tokens >= cost;
  if (ok) s.tokens -= cost;
  return ok === s.over;
}

/** nft_quota_do_eval(): what has passed so far, this packet included. */
function beyond(state: HookState, s: NftQuota): boolean {
  s.used += hookLength(state);
  const over = s.used > s.limit;
  return over !== s.over;
}

/** nf_conncount: the connections that came by here and are alive, this one included. */
function connections(state: HookState, s: Extract<NftStmt, { kind: 'connlimit' }>): number {
  const alive = (id: number) => (state.ns.ct.entries.get(id)?.expires ?? 0) > state.world.now;
  s.seen = s.seen.filter((id) => id === state.ct?.id || alive(id));
  if (state.ct && !s.seen.includes(state.ct.id)) s.seen.push(state.ct.id);
  return s.seen.length;
}

/** One such statement: false ends the rule. */
export function runOne(state: HookState, s: NftStmt): boolean {
  switch (s.kind) {
    case 'counter':
      s.packets++;
      s.bytes += hookLength(state);
      return true;
    case 'limit':
      return !limited(state, s);
    case 'quota':
      return !beyond(state, s);
    case 'connlimit':
      return connections(state, s) > s.count === s.over;
    default:
      return true;
  }
}

export const runState = (state: HookState, stmts: readonly NftStmt[]): boolean => stmts.every((s) => runOne(state, s));
