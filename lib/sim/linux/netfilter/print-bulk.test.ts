import '../../commands/load.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { namespace, testbed } from '../stack/testbed.ts';
import { listRule, ruleLine } from './print.ts';
import { ListPrinter, SavePrinter } from './print-bulk.ts';
import { restore } from './restore.ts';
import { findChain, orderedChains } from './tables.ts';
import type { NfChain, NfTable } from './types.ts';

const pieces = fc.shuffledSubarray([
  '-d 10.96.0.10/32',
  '! -o eth1',
  '! -s 10.0.0.0/8',
  '-i eth0',
  '-m comment --comment "a b"',
  '-m comment --comment c',
  '-m mark ! --mark 0x1/0x3',
  '-m statistic --mode nth --every 2 --packet 0',
  '-m addrtype --dst-type LOCAL',
  '-m conntrack --ctstate NEW',
  '-m limit --limit 5/min',
]);
const proto = fc.constantFrom(
  '',
  '-p tcp',
  '-p tcp -m tcp --dport 80',
  '-p udp -m udp --sport 1:9',
  '! -p icmp',
  '-p 47',
  '-f',
);
const target = fc.constantFrom(
  '',
  '-j ACCEPT',
  '-j X',
  '-g X',
  '-j MARK --set-xmark 0x1/0x2',
  '-j DNAT --to-destination 10.0.0.1',
);
const line = fc.tuple(pieces, proto, target).map((p) => ['-A X2', ...p.flat()].filter((w) => w !== '').join(' '));

it('prints chains as it prints their rules one by one', () => {
  const bed = testbed([]);
  const ns = namespace(bed, 'x');
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (lines, numeric, verbose, counters) => {
        expect(
          restore(bed.world, ns, 'ip', `*nat\n:X - [0:0]\n:X2 - [0:0]\n${lines.map((l) => `${l}\n`).join('')}COMMIT\n`),
        ).toBeNull();
        const chain = findChain(ns, 'ip', 'nat', 'X2') as NfChain;
        expect(chain.rules).toHaveLength(lines.length);
        const saved = new SavePrinter(ns.nf, 'ip', counters).chain(chain);
        const count = counters ? '[0:0] ' : '';
        expect(saved).toBe(chain.rules.map((r) => `${count}${ruleLine('X2', r, 'ip')}\n`).join(''));
        const format = { numeric, verbose, exact: false, lineNumbers: false, host: bed.host };
        const listed = new ListPrinter(ns.nf, 'ip', format).chain(chain);
        expect(listed).toBe(chain.rules.map((r, i) => listRule(r, i + 1, 'ip', format)).join(''));
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

it('keeps the order of chains until they change', () => {
  const bed = testbed([]);
  const ns = namespace(bed, 'x');
  const names = () => orderedChains(ns.nf.tables.get('ip nat') as NfTable).map((c) => c.name);
  restore(bed.world, ns, 'ip', '*nat\n:B - [0:0]\n:A - [0:0]\nCOMMIT\n');
  expect(names()).toEqual(['A', 'B']);
  restore(bed.world, ns, 'ip', '*nat\n-E A C\n:D - [0:0]\nCOMMIT\n', { noflush: true });
  expect(names()).toEqual(['B', 'C', 'D']);
  restore(bed.world, ns, 'ip', '*nat\n-X B\n:A - [0:0]\nCOMMIT\n', { noflush: true });
  expect(names()).toEqual(['A', 'C', 'D']);
});
