import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maskOf } from '../../addr/ip.ts';
import type { Packet } from '../../packet/packet.ts';
import { candidates } from './chain-index.ts';
import { emptyHead } from './head.ts';
import type { Netfilter, NfChain, NfRule } from './types.ts';

const port = fc.integer({ min: 1, max: 4 });
const rule = fc.record({
  dst: fc.option(
    fc.record({ ip: fc.integer({ min: 0, max: 5 }), len: fc.constantFrom(32, 32, 32, 24, 0), not: fc.boolean() }),
  ),
  proto: fc.option(fc.record({ number: fc.constantFrom(6, 6, 17, 1), not: fc.boolean() })),
  match: fc.constantFrom('tcp', 'udp', 'comment'),
  dport: fc.option(fc.record({ min: port, max: port, not: fc.boolean() })),
});
const packet = fc.record({ dst: fc.integer({ min: 0, max: 6 }), proto: fc.constantFrom(6, 17, 1), dport: port });

type Spec = typeof rule extends fc.Arbitrary<infer T> ? T : never;

function ruleOf(spec: Spec, handle: number): NfRule {
  const head = emptyHead();
  if (spec.dst) head.dst = { ip: spec.dst.ip, mask: maskOf(4, spec.dst.len), not: spec.dst.not };
  head.proto = spec.proto;
  const args = { sport: null, dport: spec.dport, flags: null, option: null };
  return { handle, head, matches: [{ name: spec.match, args }], target: null, packets: 0, bytes: 0 };
}

/** Whether a rule's address, protocol and port can fit, worked out without the index. */
function mayFit(spec: Spec, p: { dst: number; proto: number; dport: number }): boolean {
  const { dst, proto, match, dport } = spec;
  if (dst && !dst.not && dst.len === 32 && dst.ip !== p.dst) return false;
  if (dst && !dst.not && dst.len === 32) return true;
  if (!proto || proto.not || !dport || dport.not || dport.min !== dport.max) return true;
  if ((proto.number === 6 && match === 'tcp') || (proto.number === 17 && match === 'udp'))
    return p.proto === proto.number && p.dport === dport.min;
  return true;
}

const chainOf = (rules: NfRule[]): NfChain => ({
  name: 'X',
  hook: null,
  priority: 0,
  policy: null,
  rules,
  packets: 0,
  bytes: 0,
  handle: 0,
});

it('leaves out only rules whose destination or port cannot fit, and keeps their order', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 24, maxLength: 60 }),
      fc.array(packet, { minLength: 3 }),
      (specs, packets) => {
        const nf: Netfilter = { tables: new Map(), nextHandle: 1 };
        const chain = chainOf(specs.map(ruleOf));
        for (const p of packets) {
          const ports = { sport: 1, dport: p.dport };
          const sent = {
            ip: { dst: p.dst, proto: p.proto },
            ...(p.proto === 6 ? { tcp: ports } : p.proto === 17 ? { udp: ports } : {}),
          } as Packet;
          const wanted = specs.flatMap((s, i) => (mayFit(s, p) ? [i] : []));
          expect(candidates(nf, chain, sent) ?? []).toEqual(wanted);
        }
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});

it('is made anew when the rules have changed', () => {
  const nf: Netfilter = { tables: new Map(), nextHandle: 1 };
  const spec: Spec = { dst: { ip: 1, len: 32, not: false }, proto: null, match: 'comment', dport: null };
  const chain = chainOf(Array.from({ length: 30 }, (_, i) => ruleOf(spec, i)));
  const sent = { ip: { dst: 1, proto: 6 } } as Packet;
  expect(candidates(nf, chain, sent)).toHaveLength(30);
  chain.rules = chain.rules.slice(1);
  expect(candidates(nf, chain, sent)).toHaveLength(29);
});
