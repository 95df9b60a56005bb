/** Replays the kernel's recordings on `bare` and prints matched/total steps: `oracle.ts [FILTER] [-v]`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';
import { differences, macsIn, type RecordedStep } from '#sim/test/normalise.ts';

const dir = fileURLToPath(new URL('../sim/test/oracle/transcripts', import.meta.url));
const filters = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const verbose = process.argv.includes('-v');

let whole = 0;
let scripts = 0;
let matched = 0;
let total = 0;
for (const file of readdirSync(dir).sort()) {
  if (filters.length > 0 && !filters.some((f) => file.includes(f))) continue;
  const steps = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as RecordedStep[];
  const macs = macsIn(steps);
  const machine = buildScene('bare', 1);
  let ok = 0;
  const started = performance.now();
  for (const step of steps) {
    let wrong: ReturnType<typeof differences>;
    try {
      wrong = differences(step, runStep(machine, { cmd: step.cmd, stdin: step.stdin }), macs);
    } catch (error) {
      wrong = [
        { part: 'stderr', expected: step.stderr, actual: `THROWN ${error instanceof Error ? error.stack : error}` },
      ];
    }
    if (wrong.length === 0) ok++;
    else if (verbose) {
      console.log(`\n--- ${file}: ${step.cmd}`);
      for (const w of wrong) console.log(`  ${w.part} expected:\n${w.expected}\n  ${w.part} actual:\n${w.actual}`);
    }
  }
  console.log(
    `${ok === steps.length ? 'ok  ' : '    '} ${file} ${ok}/${steps.length} ${(performance.now() - started).toFixed(0)} ms`,
  );
  scripts++;
  if (ok === steps.length) whole++;
  matched += ok;
  total += steps.length;
}
console.log(`${whole}/${scripts} scripts whole, ${matched}/${total} steps`);
