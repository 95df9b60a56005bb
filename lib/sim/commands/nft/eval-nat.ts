/** Address translation: families, ports and maps as nft checks them. */
import type { NftExpr, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Raw, RawStmt } from './ast.ts';
import type { EvalContext } from './context.ts';
import { evalMap, evalTo } from './eval-expr.ts';
import type { Typed } from './eval-value.ts';

type RawNat = Extract<RawStmt, { s: 'nat' }>;

const PORT: Typed = { type: 'inet_service', bits: 16 };
const WITH_PORTS = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'th']);
export const addressType = (family: 'ip' | 'ip6'): Typed =>
  family === 'ip' ? { type: 'ipv4_addr', bits: 32 } : { type: 'ipv6_addr', bits: 128 };

function needsTransport(port: Raw, at: RawStmt, c: EvalContext): void {
  if (c.l4 && WITH_PORTS.has(c.l4)) return;
  if (c.l4Any) return;
  c.error('transport protocol mapping is only valid after transport protocol match', port, at.span);
}

/** Maps to addresses alone, or to addresses with ports. */
function mapped(
  raw: Extract<Raw, { k: 'map' }>,
  s: RawNat,
  want: Typed,
  c: EvalContext,
): { addr: NftExpr; pair: boolean } {
  const set = raw.set.k === 'ref' ? c.set(raw.set.name) : undefined;
  const first = raw.set.k === 'set' ? raw.set.elems.find((e) => e.data)?.data : null;
  const pair = s.concat || first?.k === 'concat' || (set?.data?.length ?? 0) > 1;
  return { addr: evalMap(raw, pair ? [want, PORT] : [want], c), pair };
}

export function evalNat(s: RawNat, c: EvalContext): NftStmt {
  if (!['ip', 'ip6', 'inet'].includes(c.family)) c.error('NAT is only supported for IPv4/IPv6', s.span);
  let family = s.family;
  if (family && c.l3 && family !== c.l3)
    c.error(
      `conflicting protocols specified: ${c.l3} vs. ${family}. You must specify ip or ip6 family in nat statement`,
      s.span,
    );
  if (!family) family = c.l3 === 'ip' || c.l3 === 'ip6' ? c.l3 : null;
  const given = s.family;
  if (s.addr && !family) {
    const guess = s.addr.k === 'sym' && s.addr.text.includes(':') ? 'ip6' : s.addr.k === 'sym' ? 'ip' : null;
    if (guess && c.family === 'inet')
      c.error('ip or ip6 must be specified with address for inet tables.', s.span, null);
    if (!guess) c.error('ip or ip6 must be specified with address for inet tables.', s.span);
    family = guess;
  }
  let addr: NftExpr | null = null;
  let port: NftExpr | null = null;
  let pair = false;
  if (s.addr) {
    const want = addressType(family ?? 'ip');
    if (s.addr.k === 'map') {
      ({ addr, pair } = mapped(s.addr, s, want, c));
      if (pair) needsTransport(s.addr, s, c);
    } else addr = evalTo(s.addr, want, c, s.span);
  }
  if (s.port) {
    needsTransport(s.port, s, c);
    port = evalTo(s.port, PORT, c, s.span);
  }
  const ranged =
    addr?.kind === 'map' &&
    'elems' in addr.set &&
    addr.set.elems.some((e) => Array.isArray(e.data) && e.data.some((r) => r.lo !== r.hi));
  const shown = addr !== null && (c.family === 'inet' || pair || ranged);
  return {
    kind: 'nat',
    what: s.what,
    family: shown || given ? family : null,
    shown,
    addr,
    port,
    flags: s.flags,
    ...(s.prefix ? { prefix: true } : {}),
  };
}

export function evalTproxy(s: Extract<RawStmt, { s: 'tproxy' }>, c: EvalContext): NftStmt {
  if (!['ip', 'ip6', 'inet'].includes(c.family)) c.error('tproxy is only supported for IPv4/IPv6/INET', s.span);
  if (!c.l4) c.error('Transparent proxy support requires transport protocol match', s.span);
  const family = s.family ?? (c.l3 === 'ip6' ? 'ip6' : c.l3 === 'ip' ? 'ip' : null);
  return {
    kind: 'tproxy',
    family: c.family === 'inet' ? family : null,
    addr: s.addr && evalTo(s.addr, addressType(family ?? 'ip'), c, s.span),
    port: s.port && evalTo(s.port, PORT, c, s.span),
  };
}
