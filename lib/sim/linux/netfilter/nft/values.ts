/** Expressions read from a packet. */
import { nextBelow } from '../../../kernel/rng.ts';
import type { HookState } from '../ext.ts';
import type { NfTable } from '../types.ts';
import { headerBits } from './bytes.ts';
import { readField } from './fields.ts';
import { lookup } from './sets.ts';
import type { NftExpr, NftScalar } from './types.ts';

const combine = (op: string, a: bigint, b: bigint): bigint =>
  op === '&' ? a & b : op === '|' ? a | b : op === '^' ? a ^ b : op === '<<' ? (a << b) & 0xffffffffn : a >> b;

/** A hash of some values: the kernel's jhash takes a random seed unless one is given, so any even spread is as good. */
function spread(values: readonly NftScalar[], seed: number): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (const ch of values.join('|')) h = Math.imul(h ^ ch.charCodeAt(0), 0x01000193) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
}

/** The values of an expression, one for each part of a concatenation; null when the packet lacks one. */
export function readExpr(state: HookState, table: NfTable, e: NftExpr): NftScalar[] | null {
  switch (e.kind) {
    case 'field': {
      const v = readField(state, e.field);
      return v === undefined ? null : [v];
    }
    case 'raw': {
      const v = headerBits(state.packet, e.base, e.off, e.bits);
      return v === undefined ? null : [v];
    }
    case 'value':
      return [e.value.lo];
    case 'numgen': {
      if (e.mode === 'random') return [e.offset + nextBelow(state.world.rng, e.mod)];
      // The counter is raised before it is read, as nft_ng_inc_gen() does it.
      e.next = e.next + 1 < e.mod ? e.next + 1 : 0;
      return [e.offset + e.next];
    }
    case 'hash': {
      const { ip, tcp, udp } = state.packet;
      const of = e.of
        ? readExpr(state, table, e.of)
        : [ip?.src ?? 0, ip?.dst ?? 0, (tcp ?? udp)?.sport ?? 0, (tcp ?? udp)?.dport ?? 0];
      return of && [e.offset + (spread(of, e.seed ?? 0) % e.mod)];
    }
    case 'bin': {
      const left = readExpr(state, table, e.left)?.[0];
      const right = readExpr(state, table, e.right)?.[0];
      if (left === undefined || right === undefined || typeof left === 'string' || typeof right === 'string')
        return null;
      const v = combine(e.op, BigInt(left), BigInt(right));
      return [typeof left === 'bigint' ? v : Number(v)];
    }
    case 'concat': {
      const all: NftScalar[] = [];
      for (const part of e.parts) {
        const v = readExpr(state, table, part);
        if (!v) return null;
        all.push(...v);
      }
      return all;
    }
    case 'map': {
      const key = readExpr(state, table, e.key);
      const data = key && lookup(state, table, e.set, key)?.data;
      return Array.isArray(data) ? data.map((r) => r.lo) : null;
    }
  }
}
