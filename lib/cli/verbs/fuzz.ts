import { readdirSync, writeFileSync } from 'node:fs';
import { compare } from '#conformance/compare.ts';
import { fuzz as runSeeds } from '#conformance/fuzz/run.ts';
import { randomScript } from '#conformance/fuzz/script.ts';
import { shrink } from '#conformance/fuzz/shrink.ts';
import { cannotRecord, RECORDINGS } from '#conformance/live.ts';
import { record, type Step } from '#conformance/record.ts';
import { otherMachine, versionsHere } from '#conformance/versions.ts';
import { macsIn } from '#sim/test/normalise.ts';
import { replay } from '#sim/test/replay.ts';
import { countOf, parseArgs, UsageError } from '../args.ts';
import { differenceText } from './conformance.ts';
import { recordingText } from './record.ts';

export const usage =
  'fuzz --seeds A..B [--jobs N] [--seconds N] [--classes N] [--verbose] | fuzz --shrink SEED [--pin NAME] | fuzz --print SEED';

/**
 * Random scripts on this machine's kernel and on the engine. Exit 1 when fewer than 99 % of the commands match.
 * `--shrink` looks for the least script of a seed that still differs; `--pin NAME` keeps it as a recording.
 */
export async function fuzz(argv: string[]): Promise<number> {
  const args = parseArgs(argv, ['seeds', 'jobs', 'seconds', 'classes', 'shrink', 'pin', 'print', 'least'], ['verbose']);
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  if (args.options.has('print')) {
    print(JSON.stringify(randomScript(countOf(args, 'print', 1)), null, 1));
    return 0;
  }
  const why = await cannotRecord();
  if (why) {
    print(`skipped: ${why}`);
    return 0;
  }
  const other = otherMachine();
  if (other.length > 0) {
    print(`skipped: the engine models ${other.join('; ')}`);
    return 0;
  }
  if (args.options.has('shrink')) return shrinkSeed(countOf(args, 'shrink', 1), args.options.get('pin'), print);
  const seeds = seedsOf(args.options.get('seeds') ?? 'fresh:20');
  const seconds = countOf(args, 'seconds', 0);
  const until = seconds > 0 ? performance.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
  const report = await runSeeds(seeds, countOf(args, 'jobs', 12), undefined, until);
  const { matched, total } = report.tally.all;
  const unstable = report.seeds.reduce((n, s) => n + s.unstable.length, 0);
  print(
    `Seeds ${seeds[0]} to ${seeds[seeds.length - 1]}: ${report.seeds.length} run; matched/total commands by tool:\n${report.tally.table()}`,
  );
  if (unstable > 0)
    print(`${unstable} more steps differ that the kernel itself does not answer alike twice: not counted.`);
  for (const { name, count, example } of report.classes.slice(0, countOf(args, 'classes', 20))) {
    print(`${String(count).padStart(5)}  ${name}\n       seed ${example.seed}: ${example.step.step.cmd}`);
    if (args.flags.has('verbose')) print(differenceText(example.step, 'kernel', 'engine'));
  }
  return matched >= (countOf(args, 'least', 99) / 100) * total ? 0 : 1;
}

/** `7`, `1..500`, or `fresh:20`: twenty that nobody has seen before. */
function seedsOf(text: string): number[] {
  const fresh = /^fresh:(\d{1,5})$/.exec(text);
  const first = fresh ? 1_000_000 + (Date.now() % 1_000_000_000) : Number(/^\d{1,10}/.exec(text)?.[0] ?? Number.NaN);
  const last = fresh ? first + Number(fresh[1]) - 1 : Number(/^\d{1,10}(?:\.\.(\d{1,10}))?$/.exec(text)?.[1] ?? text);
  if (!(first <= last) || last - first > 100_000) throw new UsageError(`--seeds wants A..B or fresh:N, not ${text}`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

async function shrinkSeed(seed: number, pin: string | undefined, print: (text: string) => void): Promise<number> {
  const whole = await compare(randomScript(seed));
  const first = whole.steps.find((s) => s.differences.length > 0);
  if (!first) {
    print(`seed ${seed}: all ${whole.steps.length} commands match`);
    return 0;
  }
  const { cmd } = first.step;
  // Only what stands before the differing step can matter to it; it stays itself, whatever is left out.
  const all = randomScript(seed);
  const at = all.findIndex((s) => s.cmd === cmd);
  const goal = all[at] as Step;
  const differs = async (steps: readonly Step[]) => {
    const recorded = await record([...steps, goal]);
    return (replay(recorded).at(-1)?.differences.length ?? 0) > 0;
  };
  const least = [...(await shrink(all.slice(0, at), differs)), goal];
  const recorded = await record(least);
  print(least.map((s) => s.cmd + (s.stdin ? ` <<\n${s.stdin}` : '')).join('\n'));
  for (const step of replay(recorded)) if (step.differences.length > 0) print(differenceText(step, 'kernel', 'engine'));
  if (pin !== undefined) {
    const used = new Set(readdirSync(RECORDINGS).map((f) => Number.parseInt(f, 10)));
    let number = 100;
    while (used.has(number)) number++;
    const file = `${RECORDINGS}/${number}-${pin}.json`;
    writeFileSync(file, recordingText(versionsHere(), recorded));
    print(`pinned as ${file} (${macsIn(least).size} MAC addresses fixed)`);
  }
  return 1;
}
