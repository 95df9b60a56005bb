/** No command line throws, hangs or leaves its bounds. FLATNET_FUZZ=100000 runs that many lines. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '#sim/commands/load.ts';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';

const LINES = Number(process.env.FLATNET_FUZZ ?? 2000);
const BOUNDS = { maxTime: 20_000_000, maxSteps: 600, maxOutput: 300_000 };
/** Lines that share a world: what one leaves behind meets the next. */
const SHARED = 50;

const names = fc.constantFrom(
  'a',
  'b',
  'x',
  'f',
  'PATH',
  'IFS',
  '/tmp/f',
  '/etc/hosts',
  '/tmp',
  '*',
  '?',
  '-',
  '--',
  '-n',
  '-r',
  '10.0.0.1',
  '1',
  '0',
  '-1',
  '99999999999999999999',
  '',
  'é',
  '𝄞',
);
const quoted = fc.oneof(
  names,
  names.map((n) => `"${n}"`),
  names.map((n) => `'${n}'`),
  names.map((n) => `$${n}`),
  names.map((n) => `\${${n}}`),
  names.map((n) => `"$${n}"`),
);
const operators = fc.constantFrom(
  ':-x',
  ':=y',
  ':?',
  ':+z',
  '#*',
  '##*/',
  '%/*',
  '%%b',
  '/a/b',
  '//?/x',
  ':1:2',
  ':(-1)',
  '^^',
  ',,',
  '@Q',
  '[@]',
  '[1]',
  '[$((1/0))]',
);
const expansion = fc.tuple(names, operators).map(([n, o]) => `\${${n}${o}}`);
const arithmetic = fc
  .array(
    fc.constantFrom(
      '1',
      'x',
      '+',
      '-',
      '*',
      '/',
      '%',
      '**',
      '(',
      ')',
      '?',
      ':',
      '<<',
      '&&',
      '=',
      '++',
      '0x',
      '08',
      ',',
    ),
    { maxLength: 8 },
  )
  .map((t) => `$((${t.join(' ')}))`);
const word = fc.oneof(
  { weight: 4, arbitrary: quoted },
  expansion,
  arithmetic,
  fc.constantFrom('{1..5}', '{a,b}', '{x,{y,z}}', '~', '[a-z]*', '!(a)', '+(b)', '$(echo x)', '`pwd`', '<(echo 1)'),
);
const programs = fc.constantFrom(
  'echo',
  'printf',
  'cat',
  'ls',
  'grep',
  'sed',
  'awk',
  'sort',
  'cut',
  'tr',
  'uniq',
  'wc',
  'head',
  'tail',
  'seq',
  'tee',
  'xargs',
  'find',
  'test',
  '[',
  'read',
  'set',
  'export',
  'declare',
  'local',
  'unset',
  'cd',
  'kill',
  'wait',
  'jobs',
  'trap',
  'eval',
  'exec',
  'source',
  'type',
  'shift',
  'let',
  'getopts',
  'jq',
  'date',
  'env',
  'timeout 1',
  'sleep 0.1',
  'rm',
  'mkdir',
  'cp',
  'mv',
  'ln',
  'touch',
  'chmod',
  'stat',
  'basename',
  'paste',
  'comm',
  'ip',
  'ip addr',
  'ip route',
  'ip link',
  'iptables',
  'iptables -A',
  'bridge',
  'ping -c1',
  'ss',
  'nft',
  'ipset',
  'sysctl',
  'kubectl',
  'conntrack',
  'tcpdump -c1',
  'curl',
  'dig',
  'nc',
  'bash -c',
  'yes',
  'base64',
  'nosuch',
);
const scripts = fc.constantFrom(
  "'s/\\(a*\\)*b/\\1/g'",
  "'{print $1; x[$2]++} END {for (k in x) print k}'",
  "'(a+)+$'",
  "'.[] | select(.a)'",
  "'..|.x?'",
  "'%s %d\\n'",
  "-E '(x|xx)*y'",
  "'[[:alpha:]'",
  "'$!N;P;D'",
  "'BEGIN{while(1)x++}'",
);
const simple = fc
  .tuple(programs, fc.array(fc.oneof({ weight: 4, arbitrary: word }, scripts), { maxLength: 5 }))
  .map(([p, ws]) => [p, ...ws].join(' '));
const redirect = fc.constantFrom(
  '',
  '',
  '',
  '>/tmp/f',
  '2>&1',
  '</tmp/f',
  '>>/tmp/f',
  '&>/dev/null',
  '<<<x',
  '>&-',
  '3>&1',
  '<<EOF\n$x\nEOF\n',
  '2>/dev/full',
);
const command = fc.tuple(simple, redirect).map(([c, r]) => `${c} ${r}`);
const { line } = fc.letrec<{ line: string }>((tie) => ({
  line: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    command,
    fc
      .tuple(tie('line'), fc.constantFrom(' | ', ' && ', ' || ', '; ', ' & ', '\n', ' |& '), tie('line'))
      .map(([a, op, b]) => a + op + b),
    tie('line').map((l) => `(${l})`),
    tie('line').map((l) => `{ ${l}; }`),
    tie('line').map((l) => `for i in 1 2; do ${l}; done`),
    tie('line').map((l) => `while ${l}; do break; done`),
    tie('line').map((l) => `while true; do ${l}; done`),
    tie('line').map((l) => `if ${l}; then ${l}; fi`),
    tie('line').map((l) => `f() { ${l}; }; f`),
    tie('line').map((l) => `x=$(${l})`),
    tie('line').map((l) => `case x in *) ${l};; esac`),
  ),
}));
const raw = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ...'|&;<>()$`\\"\' \t\n{}[]*?#~=%!-09azé'.split(''),
        '$((',
        '${',
        '<<',
        '[[',
        ']]',
        'do',
        'done',
        'if',
        'fi',
        'esac',
      ),
      { maxLength: 40 },
    )
    .map((c) => c.join('')),
);

describe('random command lines on bare', () => {
  it.each([
    ['from the grammar', line, 0.75, 20260115],
    ['from raw text', raw, 0.25, 7],
  ] as const)(
    '%s end by themselves or by a bound',
    (_, arbitrary, share, seed) => {
      let machine = buildScene('bare', 1);
      let count = 0;
      void fc.assert(
        fc.property(arbitrary, (cmd) => {
          if (count++ % SHARED === 0) machine = buildScene('bare', 1);
          const t0 = performance.now(); const s0 = machine.steps; const n0 = machine.world.now; const result = runStep(machine, { cmd }, BOUNDS); const dt = performance.now() - t0; (globalThis as any).T ??= []; (globalThis as any).T.push([dt, machine.steps - s0, machine.world.now - n0, machine.procs.size, result.ended, cmd]);
          expect(result.exit).toBeGreaterThanOrEqual(0);
          expect(result.exit).toBeLessThanOrEqual(255);
        }),
        { numRuns: Math.ceil(LINES * share), seed, endOnFailure: true },
      );
    },
    60_000 + LINES * 20,
  );
});
import { afterAll } from 'vitest';
import { writeFileSync } from 'node:fs';
afterAll(() => { const T = (globalThis as any).T.sort((a: any, b: any) => b[0] - a[0]); writeFileSync('/tmp/diff/prof.json', JSON.stringify({ total: T.reduce((n: number, t: any) => n + t[0], 0), n: T.length, by: [10, 50, 100, 500].map((x) => [x, T.filter((t: any) => t[0] > x).length, T.filter((t: any) => t[0] > x).reduce((n: number, t: any) => n + t[0], 0)]), top: T.slice(0, 25).map((t: any) => [...t.slice(0, 5), t[5].slice(0, 150)]) }, null, 0)); });
