import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashValue } from '../../kernel/hash.ts';
import { namespace, testbed } from '../stack/testbed.ts';
import type { NetNs } from '../types.ts';
import { ruleLine } from './print.ts';
import { restore } from './restore.ts';
import { touch } from './tables.ts';

const CHAINS = ['A', 'B', 'C', 'D'];
const chain = fc.constantFrom(...CHAINS);
const place = fc.constantFrom('PREROUTING', 'OUTPUT', 'POSTROUTING', ...CHAINS, ...CHAINS);
const action = fc.oneof(
  fc.tuple(fc.constantFrom('-A', '-I', '-D'), place, chain).map(([op, at, to]) => `${op} ${at} -j ${to}`),
  fc.tuple(fc.constantFrom('-R', '-I'), place, chain).map(([op, at, to]) => `${op} ${at} 2 -j ${to}`),
  place.map((at) => `-D ${at} 1`),
  fc
    .tuple(
      place,
      fc.constantFrom('-j MASQUERADE', '-p tcp -j DNAT --to-destination 10.0.0.1:1', '-j ACCEPT', '-j GONE'),
    )
    .map(([at, rule]) => `-A ${at} ${rule}`),
  chain.map((c) => `:${c} - [0:0]`),
  chain.map((c) => `-X ${c}`),
  place.map((c) => `-F ${c}`),
  fc.tuple(chain, chain).map(([a, b]) => `-E ${a} ${b}`),
);

const state = (ns: NetNs): unknown =>
  [...(ns.nf.tables.get('ip nat')?.chains.values() ?? [])].map((c) => [
    c.name,
    c.policy,
    c.rules.map((r) => ruleLine(c.name, r, 'ip')),
  ]);

it('judges a change of the rules by what it adds as it would judge the whole, and leaves nothing of a refused one', () => {
  const transaction = fc.array(action, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 1, maxLength: 12 }), (transactions) => {
      const bed = testbed([]);
      const [known, forgetful] = [namespace(bed, 'a'), namespace(bed, 'b')];
      const begin = `*nat\n${CHAINS.map((c) => `:${c} - [0:0]\n`).join('')}-A PREROUTING -j A\nCOMMIT\n`;
      for (const ns of [known, forgetful]) expect(restore(bed.world, ns, 'ip', begin)).toBeNull();
      for (const lines of transactions) {
        const text = `*nat\n${lines.join('\n')}\nCOMMIT\n`;
        const before = state(known);
        const answer = restore(bed.world, known, 'ip', text, { noflush: true });
        touch(forgetful);
        expect(answer).toBe(restore(bed.world, forgetful, 'ip', text, { noflush: true }));
        expect(state(known)).toEqual(state(forgetful));
        if (answer !== null) expect(state(known)).toEqual(before);
      }
    }),
    { numRuns: 150, seed: 5 },
  );
});

it('makes the same world of a line whichever way it is read', () => {
  const bed = testbed([]);
  const lines = (append: string) =>
    `*nat\n:X - [0:0]\n${[
      'OUTPUT -m comment --comment "a b" -m tcp -p tcp -d 10.96.0.10 --dport 80 -j X',
      'X -m statistic --mode random --probability 0.5 -j MARK --or-mark 0x4000',
      'X -p tcp -j DNAT --to-destination 10.0.0.1:80',
    ]
      .map((l) => `${append} ${l}\n`)
      .join('')}COMMIT\n`;
  const hashes = ['-A', '--append'].map((append, i) => {
    const ns = namespace(bed, `n${i}`);
    expect(restore(bed.world, ns, 'ip', lines(append))).toBeNull();
    return hashValue(ns.nf);
  });
  expect(hashes[0]).toBe(hashes[1]);
});
