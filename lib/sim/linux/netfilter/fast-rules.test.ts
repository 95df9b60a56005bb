import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespace, testbed } from '../stack/testbed.ts';
import { FastRules } from './fast-rules.ts';
import { parseCommand } from './parse.ts';
import { ruleLine, saveRule } from './print.ts';
import { splitLine } from './restore.ts';
import type { NfRule } from './types.ts';

const bed = testbed([]);
const ns = namespace(bed, 'x');
const base = { world: bed.world, ns, host: bed.host, family: 'ip' as const };

/** What the full parser makes of a line; null when it does not take it as one appended rule. */
function parsed(line: string, table: string): { chain: string | null; rule: Omit<NfRule, 'handle'> } | null {
  const env = { ...base, restoreTable: table, line: 1, prog: 'iptables-restore' };
  try {
    const result = parseCommand(splitLine(`${line}\n`), env);
    if (result.kind !== 'command' || result.command.op !== 'A' || result.command.rules.length !== 1) return null;
    const [spec] = result.command.rules;
    if (!spec || result.warnings.length > 0) return null;
    return { chain: result.command.chain, rule: { ...spec, packets: 0, bytes: 0 } };
  } catch {
    return null;
  }
}

function fast(line: string, table: string): { chain: string; rule: Omit<NfRule, 'handle'> } | null {
  const reader = new FastRules({ ...base, table });
  const text = `*${table}\n${line}\nCOMMIT\n`;
  const from = table.length + 2;
  const found = reader.read(text, from, from + line.length);
  if (!found) return null;
  const { handle: _, ...rule } = found;
  return { chain: reader.chain, rule };
}

const address = fc.constantFrom(
  '10.96.0.10',
  '10.0.0.1/8',
  '0.0.0.0/0',
  '1.2.3.4/32',
  '01.2.3.4',
  '10.1',
  '10.0.0.0/255.0.0.0',
  '300.1.1.1',
  '1.2.3.4/33',
  'x',
);
const port = fc.constantFrom('80', '0', '65536', '1:90', '080', 'http', '');
const comment = fc.constantFrom(
  'plain',
  '"two words"',
  '"say \\"hi\\""',
  '"it\'s"',
  '""',
  '"a" "b"',
  '"-j"',
  'open"',
  `"${'x'.repeat(256)}"`,
);
const not = fc.constantFrom('', '', '', '! ');
const words = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.map((p) => (typeof p === 'string' ? fc.constant(p) : p))).map((p) => p.join(''));
const piece = fc.oneof(
  { weight: 3, arbitrary: words(not, '-d ', address) },
  { weight: 3, arbitrary: words(not, '-s ', address) },
  { weight: 4, arbitrary: words(not, '-p ', fc.constantFrom('tcp', 'tcp', 'udp', 'icmp', 'all', '6', 'TCP')) },
  { weight: 3, arbitrary: words('-m comment --comment ', comment) },
  { weight: 4, arbitrary: words('-m ', fc.constantFrom('tcp', 'udp', 'comment', 'mark', 'limit', 'nope')) },
  {
    weight: 4,
    arbitrary: words(not, fc.constantFrom('--dport ', '--sport ', '--dports ', '--destination-port '), port),
  },
  { weight: 2, arbitrary: words('-m mark ', not, '--mark ', fc.constantFrom('0x4000/0x4000', '1', '0x1/0', 'z')) },
  {
    weight: 2,
    arbitrary: words(
      '-m statistic --mode ',
      fc.constantFrom('random --probability 0.5', 'random', 'nth --every 3 --packet 0', 'odd'),
    ),
  },
  {
    weight: 2,
    arbitrary: words('-m addrtype ', not, '--dst-type ', fc.constantFrom('LOCAL', 'local,UNICAST', 'NONE')),
  },
  {
    weight: 2,
    arbitrary: words('-m conntrack ', not, '--ctstate ', fc.constantFrom('NEW', 'RELATED,ESTABLISHED', 'OLD')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '-i eth0',
      '-f',
      '-c 1 2',
      '!',
      '--syn',
      '--comment late',
      '\t-p tcp',
      '-ptcp',
      '--protocol tcp',
      '-m tcp --tcp-flags SYN,ACK SYN',
    ),
  },
);
const target = fc.oneof(
  words(
    '-j ',
    fc.constantFrom(
      'ACCEPT',
      'DROP',
      'RETURN',
      'KUBE-MARK-MASQ',
      'MASQUERADE',
      'MASQUERADE --random-fully',
      'NFQUEUE',
      'LED',
      '"X Y"',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ12',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ123',
    ),
  ),
  words('-j MARK ', fc.constantFrom('--or-mark 0x4000', '--xor-mark 0x4000', '--set-xmark 1/2 --or-mark 1', '')),
  words(
    '-j DNAT --to-destination ',
    fc.constantFrom(
      '10.0.0.1:80',
      '10.0.0.1',
      '10.0.0.1-10.0.0.9',
      '10.0.0.1:80-90',
      '10.0.0.1:080',
      '10.0.0.1:0',
      ':80',
      '1.2.3:4',
      '10.0.0.1:65536',
      '10.0.0.01:1',
    ),
  ),
  words('-j REJECT --reject-with ', fc.constantFrom('icmp-port-unreachable', 'tcp-reset', 'x')),
  fc.constantFrom('', '-g X', '-j', '-j ACCEPT -j DROP'),
);
const line = fc
  .record({
    chain: fc.constantFrom(
      'PREROUTING',
      'KUBE-SVC-ABC',
      '"Q"',
      '-x',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ12',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ123',
    ),
    pieces: fc.array(piece, { maxLength: 6 }),
    target,
    last: fc.array(piece, { maxLength: 1 }),
  })
  .map(({ chain, pieces, target: t, last }) => ['-A', chain, ...pieces, t, ...last].filter((w) => w !== '').join(' '));

/** Lines that are mostly in order, so that the short way is taken. */
const good = fc
  .record({
    chain: fc.constantFrom('OUTPUT', 'KUBE-A', 'KUBE-B'),
    pieces: fc.shuffledSubarray([
      '-d 10.96.0.10',
      '! -s 10.0.0.1/8',
      '-p tcp -m tcp --dport 80',
      '-m tcp -p tcp --sport 1:90',
      '-m udp -p udp ! --dport 53',
      '-m comment --comment "a b"',
      '-m comment --comment é',
      '-m mark ! --mark 0x1/0x3',
      '-m statistic --mode random --probability 0.33333333349',
      '-m statistic --mode nth --every 2 --packet 0',
      '-m addrtype ! --dst-type LOCAL',
      '-m conntrack --ctstate RELATED,ESTABLISHED',
    ]),
    target,
  })
  .map(({ chain, pieces, target: t }) => ['-A', chain, ...pieces, t].filter((w) => w !== '').join(' '));

const KUBE = [
  '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A KUBE-SERVICES -m comment --comment "ns/a:http cluster IP" -m tcp -p tcp -d 10.96.0.10 --dport 80 -j KUBE-SVC-A',
  '-A KUBE-SVC-A -m comment --comment "ns/a:http cluster IP" -m tcp -p tcp -d 10.96.0.10 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
  '-A KUBE-SVC-A -m comment --comment "ns/a:http -> 10.244.1.2:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A',
  '-A KUBE-SEP-A -m comment --comment ns/a -s 10.244.1.2 -j KUBE-MARK-MASQ',
  '-A KUBE-SEP-A -m comment --comment "ns/a:http" -m tcp -p tcp -j DNAT --to-destination 10.244.1.2:8080',
  '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
  '-A KUBE-POSTROUTING -j MASQUERADE --random-fully',
  '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
  '-A KUBE-SERVICES -m comment --comment "last" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
];

describe('the short way through a restore file', () => {
  it.each(KUBE)('reads what kube-proxy writes: %s', (text) => {
    expect(fast(text, 'nat')).not.toBeNull();
    expect(fast(text, 'nat')).toEqual(parsed(text, 'nat'));
  });

  it('reads a line as the full parser does, or leaves it to it', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(line, good), fc.constantFrom('nat', 'filter'), (text, table) => {
        const short = fast(text, table);
        if (!short) return;
        read++;
        const full = parsed(text, table);
        expect(short).toEqual(full);
        // Texts kept for rules that share a match are those it would print.
        const rule = { ...short.rule, handle: 0 };
        expect(saveRule(rule, 'ip')).toBe(saveRule({ ...(full as NonNullable<typeof full>).rule, handle: 0 }, 'ip'));
        // Printed form and specification say the same.
        const printed = ruleLine(short.chain, rule, 'ip');
        expect(parsed(printed, table)).toEqual(full);
      }),
      { numRuns: 2000, seed: 11 },
    );
    expect(read).toBeGreaterThan(200);
  });
});
