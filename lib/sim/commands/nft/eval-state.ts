/** Statements that keep a state, with it at its start. */
import type { NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { RawStmt } from './ast.ts';

/** Null for statements that keep none. */
export function evalState(s: RawStmt): NftStmt | null {
  switch (s.s) {
    case 'counter':
      return { kind: 'counter', packets: s.packets, bytes: s.bytes };
    case 'quota':
      return { kind: 'quota', over: s.over, limit: s.limit, used: s.used };
    case 'limit':
      return {
        kind: 'limit',
        rate: s.rate,
        unit: s.unit,
        over: s.over,
        burst: s.burst,
        bytes: s.bytes,
        tokens: 0,
        last: -1,
      };
    case 'connlimit':
      return { kind: 'connlimit', count: s.count, over: s.over, seen: [] };
    default:
      return null;
  }
}
