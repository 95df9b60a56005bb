import { expect, it } from 'vitest';
import { maskOf } from '../../addr/ip.ts';
import { nextBelow, seedRng } from '../../kernel/rng.ts';
import { candidates } from './chain-index.ts';
import { emptyHead } from './head.ts';
import type { NfChain, NfRule } from './types.ts';

it('leaves out only rules whose destination cannot fit, and keeps their order', () => {
  const rng = seedRng(7);
  for (let round = 0; round < 200; round++) {
    const rules: NfRule[] = Array.from({ length: 24 + nextBelow(rng, 40) }, (_, handle) => {
      const head = emptyHead();
      const len = [32, 32, 32, 24, 0][nextBelow(rng, 5)] as number;
      if (nextBelow(rng, 5) > 0)
        head.dst = { ip: nextBelow(rng, 6), mask: maskOf(4, len), not: nextBelow(rng, 6) === 0 };
      return { handle, head, matches: [], target: null, packets: 0, bytes: 0 };
    });
    const chain: NfChain = { name: 'X', hook: null, priority: 0, policy: null, rules, packets: 0, bytes: 0, handle: 0 };
    const dst = nextBelow(rng, 7);
    const got = candidates(chain, dst, round) ?? [];
    const exact = maskOf(4, 32);
    const wanted = rules.flatMap((r, i) =>
      r.head.dst && !r.head.dst.not && r.head.dst.mask === exact && r.head.dst.ip !== dst ? [] : [i],
    );
    expect(got).toEqual(wanted);
  }
});
