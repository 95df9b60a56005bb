/** Comparisons of neighbouring header fields become one in the kernel; nft then lists them in the header's order. */
import { HEADER_FIELDS } from '../../linux/netfilter/nft/headers.ts';
import type { NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Placed } from './eval-stmt.ts';

interface Piece {
  base: string;
  off: number;
  bits: number;
  proto: string;
}

function pieceOf(s: NftStmt): Piece | null {
  if (s.kind !== 'match' || s.op !== '==' || s.right.lo !== s.right.hi || s.left.kind !== 'field') return null;
  const h = HEADER_FIELDS.get(s.left.field.name);
  if (!h || h.off % 8 || h.bits % 8) return null;
  return { base: h.base, off: h.off, bits: h.bits, proto: h.proto };
}

/** Whether the kernel loads the two at once: nf_tables' fast path takes up to four bytes of network and transport headers. */
function mergeable(a: Piece, b: Piece): boolean {
  if (a.base !== b.base || a.proto !== b.proto) return false;
  if (a.off + a.bits !== b.off && b.off + b.bits !== a.off) return false;
  const total = a.bits + b.bits;
  if (total > 128) return false;
  if (a.base === 'll') return true;
  return total <= 32 || a.bits > 32 || b.bits > 32;
}

const isExpression = (s: NftStmt): boolean =>
  s.kind === 'match' || s.kind === 'flags' || s.kind === 'flagcmp' || s.kind === 'lookup';

/** Merges what stands one behind the other, other comparisons between them left aside. */
export function mergePayloads(stmts: readonly Placed[]): Placed[] {
  const out: (Placed | { merged: Placed[] })[] = [];
  let run: { piece: Piece; into: { merged: Placed[] } } | null = null;
  for (const p of stmts) {
    const piece = pieceOf(p.stmt);
    if (!piece) {
      if (!isExpression(p.stmt)) run = null;
      out.push(p);
    } else if (run && mergeable(run.piece, piece)) {
      run.into.merged.push(p);
      run.piece = { ...run.piece, off: Math.min(run.piece.off, piece.off), bits: run.piece.bits + piece.bits };
    } else {
      run = { piece, into: { merged: [p] } };
      out.push(run.into);
    }
  }
  return out.flatMap((x) => ('merged' in x ? finish(x.merged) : [x]));
}

function finish(members: Placed[]): Placed[] {
  if (members.length < 2) return members;
  const header = (p: Placed) =>
    p.stmt.kind === 'match' && p.stmt.left.kind === 'field' ? HEADER_FIELDS.get(p.stmt.left.field.name) : undefined;
  const sorted = [...members].sort((a, b) => (header(a)?.off ?? 0) - (header(b)?.off ?? 0));
  if (header(sorted[0] as Placed)?.proto !== 'th') return sorted;
  // Without a protocol nothing names what the two make together.
  let value = 0n;
  let bits = 0;
  for (const p of sorted) {
    const s = p.stmt as Extract<NftStmt, { kind: 'match' }>;
    value = (value << 16n) | BigInt(s.right.lo as number);
    bits += 16;
  }
  const first = sorted[0] as Placed;
  const v = Number(value);
  return [
    {
      ...first,
      stmt: { kind: 'match', left: { kind: 'raw', base: 'th', off: 0, bits }, op: '==', right: { lo: v, hi: v } },
    },
  ];
}
