import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import '/work/main/lib/sim/commands/load.ts';
import { runStep } from '/work/main/lib/sim/run-steps.ts';
import { buildScene } from '/work/main/lib/sim/scene/build.ts';
const files = process.argv.slice(2);
const setup = readFileSync('/tmp/diff/setup.sh', 'utf8');
let same = 0, all = 0; const rec: unknown[] = [];
const atoms: string[] = [];
for (const f of files) {
  for (const c of readFileSync(f, 'utf8').replace(/\n+$/, '').split('\n\n')) {
    atoms.push(c);
  }
}
for (const cmd of atoms) {
  all++;
  const dir = mkdtempSync('/tmp/wd-');
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/bash', LANG: 'C.UTF-8', TERM: 'dumb' };
  spawnSync('/usr/bin/bash', ['-c', setup], { cwd: dir, env });
  const r = spawnSync('/usr/bin/bash', ['-c', cmd], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 10000, argv0: 'bash' });
  rmSync(dir, { recursive: true, force: true });
  const m = buildScene('bare', 1);
  runStep(m, { cmd: setup });
  let got; try { got = runStep(m, { cmd }, { maxTime: 60e6, maxSteps: 200000, maxOutput: 1e6 }); } catch (e) { got = { stdout: String((e as Error).stack), stderr: '', exit: -1 }; }
  const fix = (s: string) => s.replaceAll(dir, '/root');
  const real = { stdout: fix(r.stdout.toString()), stderr: fix(r.stderr.toString()), exit: r.status ?? 128 };
  rec.push({ cmd, ...real });
  if (real.stdout === got.stdout && real.stderr === got.stderr && real.exit === got.exit) { same++; continue; }
  console.log('=== ' + cmd.slice(0, 400));
  const show = (name: string, a: string, b: string) => {
    if (a === b) return;
    const A = a.split('\n'), B = b.split('\n');
    // lines diff, simple LCS
    const n = A.length, k = B.length; const L = Array.from({ length: n + 1 }, () => new Uint16Array(k + 1));
    for (let i = n - 1; i >= 0; i--) for (let j = k - 1; j >= 0; j--) L[i]![j] = A[i] === B[j] ? L[i + 1]![j + 1]! + 1 : Math.max(L[i + 1]![j]!, L[i]![j + 1]!);
    let i = 0, j = 0; let c = 0;
    while ((i < n || j < k) && c < 30) {
      if (i < n && j < k && A[i] === B[j]) { i++; j++; }
      else if (i < n && (j >= k || L[i + 1]![j]! >= L[i]![j + 1]!)) { console.log(` ${name}@${i} real |${A[i]}`); i++; c++; }
      else { console.log(` ${name}@${i} mod  |${B[j]}`); j++; c++; }
    }
  };
  show('out', real.stdout, got.stdout); show('err', real.stderr, got.stderr);
  if (real.exit !== got.exit) console.log(` exit real ${real.exit} model ${got.exit}`);
}
console.log(`${same}/${all}`);
writeFileSync('/tmp/diff/last.json', JSON.stringify(rec));
