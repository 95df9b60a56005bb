/** Replays the kernel's recordings on `bare` and prints matched/total steps: `oracle.ts [FILTER] [-v]`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRecording, replayRecording, Tally } from '#sim/test/replay.ts';

const dir = fileURLToPath(new URL('../sim/test/oracle/transcripts', import.meta.url));
const filters = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const verbose = process.argv.includes('-v');

let whole = 0;
let scripts = 0;
const tally = new Tally();
for (const file of readdirSync(dir).sort()) {
  if (!file.endsWith('.json') || (filters.length > 0 && !filters.some((f) => file.includes(f)))) continue;
  const started = performance.now();
  const steps = replayRecording(file, readRecording(readFileSync(`${dir}/${file}`, 'utf8')));
  const took = performance.now() - started;
  const wrong = steps.filter((s) => s.differences.length > 0);
  if (verbose) {
    for (const { step, differences } of wrong) {
      console.log(`\n--- ${file}: ${step.cmd}`);
      for (const w of differences)
        console.log(`  ${w.part} expected:\n${w.expected}\n  ${w.part} actual:\n${w.actual}`);
    }
  }
  console.log(
    `${wrong.length === 0 ? 'ok  ' : '    '} ${file} ${steps.length - wrong.length}/${steps.length} ${took.toFixed(0)} ms`,
  );
  scripts++;
  if (wrong.length === 0) whole++;
  tally.add(steps);
}
console.log(tally.table());
console.log(`${whole}/${scripts} scripts whole, ${tally.all.matched}/${tally.all.total} steps`);
