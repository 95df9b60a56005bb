import * as fc from 'fast-check';
import '#sim/commands/load.ts';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';
import { appendFileSync, writeFileSync } from 'node:fs';
const names = fc.constantFrom('a', 'b', 'x', 'f', 'PATH', 'IFS', '/tmp/f', '/etc/hosts', '/tmp', '*', '?', '-', '--', '-n', '-r', '10.0.0.1', '1', '0', '-1', '99999999999999999999', '', 'é', '𝄞');
const quoted = fc.oneof(names, names.map((n) => `"${n}"`), names.map((n) => `'${n}'`), names.map((n) => `$${n}`), names.map((n) => `\${${n}}`), names.map((n) => `"$${n}"`));
const operators = fc.constantFrom(':-x', ':=y', ':?', ':+z', '#*', '##*/', '%/*', '%%b', '/a/b', '//?/x', ':1:2', ':(-1)', '^^', ',,', '@Q', '[@]', '[1]', '[$((1/0))]');
const expansion = fc.tuple(names, operators).map(([n, o]) => `\${${n}${o}}`);
const arithmetic = fc.array(fc.constantFrom('1', 'x', '+', '-', '*', '/', '%', '**', '(', ')', '?', ':', '<<', '&&', '=', '++', '0x', '08', ','), { maxLength: 8 }).map((t) => `$((${t.join(' ')}))`);
const word = fc.oneof({ weight: 4, arbitrary: quoted }, expansion, arithmetic, fc.constantFrom('{1..5}', '{a,b}', '{x,{y,z}}', '~', '[a-z]*', '!(a)', '+(b)', '$(echo x)', '`pwd`', '<(echo 1)'));
const programs = fc.constantFrom(
  'echo', 'printf', 'cat', 'ls', 'grep', 'sed', 'awk', 'sort', 'cut', 'tr', 'uniq', 'wc', 'head', 'tail', 'seq', 'tee', 'xargs', 'find', 'test', '[', 'read', 'set', 'export', 'declare',
  'local', 'unset', 'cd', 'kill', 'wait', 'jobs', 'trap', 'eval', 'exec', 'source', 'type', 'shift', 'let', 'getopts', 'jq', 'date', 'env', 'timeout 1', 'sleep 0.1', 'rm', 'mkdir', 'cp', 'mv',
  'ln', 'touch', 'chmod', 'stat', 'basename', 'paste', 'comm', 'ip', 'ip addr', 'ip route', 'ip link', 'iptables', 'iptables -A', 'bridge', 'ping -c1', 'ss', 'nft', 'ipset', 'sysctl',
  'kubectl', 'conntrack', 'tcpdump -c1', 'curl', 'dig', 'nc', 'bash -c', 'yes', 'base64', 'nosuch',
);
const scripts = fc.constantFrom("'s/\\(a*\\)*b/\\1/g'", "'{print $1; x[$2]++} END {for (k in x) print k}'", "'(a+)+$'", "'.[] | select(.a)'", "'..|.x?'", "'%s %d\\n'", "-E '(x|xx)*y'", "'[[:alpha:]'", "'$!N;P;D'", "'BEGIN{while(1)x++}'");
const simple = fc.tuple(programs, fc.array(fc.oneof({ weight: 4, arbitrary: word }, scripts), { maxLength: 5 })).map(([p, ws]) => [p, ...ws].join(' '));
const redirect = fc.constantFrom('', '', '', '>/tmp/f', '2>&1', '</tmp/f', '>>/tmp/f', '&>/dev/null', '<<<x', '>&-', '3>&1', '<<EOF\n$x\nEOF\n', '2>/dev/full');
const command = fc.tuple(simple, redirect).map(([c, r]) => `${c} ${r}`);
const { line } = fc.letrec<{ line: string }>((tie) => ({
  line: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    command,
    fc.tuple(tie('line'), fc.constantFrom(' | ', ' && ', ' || ', '; ', ' & ', '\n', ' |& '), tie('line')).map(([a, op, b]) => a + op + b),
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
  fc.array(fc.constantFrom(...'|&;<>()$`\\"\' \t\n{}[]*?#~=%!-09azé'.split(''), '$((', '${', '<<', '[[', ']]', 'do', 'done', 'if', 'fi', 'esac'), { maxLength: 40 }).map((c) => c.join('')),
);

const BOUNDS = { maxTime: 20_000_000, maxSteps: 3_000, maxOutput: 300_000 };
writeFileSync('/tmp/fuzz.log', '');
const N = Number(process.argv[2] ?? 300); const seed = Number(process.argv[3] ?? 1);
let machine = buildScene('bare', 1); let count = 0; const slow: [number, string][] = [];
for (const cmd of fc.sample(process.argv[4] === 'raw' ? raw : line, { numRuns: N, seed })) {
  if (count++ % 50 === 0) machine = buildScene('bare', 1);
  appendFileSync('/tmp/fuzz.log', JSON.stringify(cmd) + '\n');
  const t = performance.now();
  try { runStep(machine, { cmd }, BOUNDS); } catch (e: any) { console.log('THROW', JSON.stringify(cmd), e.stack?.split('\n').slice(0, 6).join('\n')); machine = buildScene('bare', 1); }
  const d = performance.now() - t; if (d > 100) slow.push([Math.round(d), cmd]);
}
slow.sort((a, b) => b[0] - a[0]); console.log('slow', slow.slice(0, 15).map((s) => JSON.stringify(s)).join('\n'));
