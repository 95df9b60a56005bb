import { writeFileSync } from 'node:fs';
import { cannotRecord, live, loadRecording, recordingNames } from '#conformance/live.ts';
import { type Figures, figuresFile, isGiven } from '#course/fidelity.ts';
import { type ReplayedStep, replayRecording, Tally } from '#sim/test/replay.ts';
import { countOf, parseArgs } from '../args.ts';

export const usage = 'conformance [FILTER …] [--live [--jobs N]] [--verbose] [--write]';

/**
 * Replays the recordings of the real kernel and prints matched/total by tool. With `--live` they are recorded anew on
 * this machine first; both the old recording and the engine are compared with what it answers. `--write` keeps the
 * figures of all recordings for the page that learners read.
 */
export async function conformance(argv: string[]): Promise<number> {
  const args = parseArgs(argv, ['jobs'], ['live', 'verbose', 'write']);
  const names = recordingNames(args.operands);
  const verbose = args.flags.has('verbose');
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  if (!args.flags.has('live')) {
    const tally = new Tally();
    let whole = 0;
    for (const name of names) {
      const steps = replayRecording(name, loadRecording(name));
      const wrong = tally.add(steps) && steps.filter((s) => s.differences.length > 0);
      if (wrong.length === 0) whole++;
      else print(`${name}: ${wrong.length} of ${steps.length} differ`);
      if (verbose) for (const s of wrong) print(differenceText(s, 'recorded', 'engine'));
    }
    print(`${tally.table()}\n${whole}/${names.length} recordings match wholly`);
    if (args.flags.has('write') && args.operands.length === 0)
      writeFileSync(figuresFile(), `${JSON.stringify(figuresOf(names), null, 2)}\n`);
    return whole === names.length ? 0 : 1;
  }
  const why = await cannotRecord();
  if (why) {
    print(`skipped: ${why}`);
    return 0;
  }
  const { results, tally } = await live(
    names,
    countOf(args, 'jobs', 6),
    undefined,
    ({ name, skipped, moved, engine }) => {
      if (skipped) return print(`${name}: skipped: ${skipped}`);
      const wrong = engine.filter((s) => s.differences.length > 0);
      if (moved.length > 0)
        print(`${name}: this machine answers ${moved.length} of ${engine.length} differently from the recording`);
      if (wrong.length > 0)
        print(`${name}: the engine answers ${wrong.length} of ${engine.length} differently from this machine`);
      if (verbose) {
        for (const s of moved) print(differenceText(s, 'recorded', 'this machine'));
        for (const s of wrong) print(differenceText(s, 'this machine', 'engine'));
      }
    },
  );
  const recorded = results.filter((r) => !r.skipped);
  print(
    `Recorded anew: ${recorded.length} of ${results.length}; ${recorded.reduce((n, r) => n + r.moved.length, 0)} steps moved. Engine against this machine:\n${tally.table()}`,
  );
  return tally.all.matched >= 0.99 * tally.all.total ? 0 : 1;
}

/**
 * The figures of the recordings that were given before there was a model. Later ones were cut to what the model answers:
 * they keep it from being lost and measure nothing.
 */
function figuresOf(names: readonly string[]): Figures {
  const given = names.filter(isGiven);
  const tally = new Tally();
  let matched = 0;
  for (const name of given) {
    const steps = replayRecording(name, loadRecording(name));
    tally.add(steps);
    if (steps.every((step) => step.differences.length === 0)) matched++;
  }
  return {
    recordings: { name: 'recordings', matched, total: given.length },
    commands: { name: 'commands', ...tally.all },
    tools: [...tally.tools].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, score]) => ({ name, ...score })),
  };
}

export const differenceText = ({ step, differences }: ReplayedStep, left: string, right: string): string =>
  `\n--- ${step.cmd}${step.stdin ? `\n<<\n${step.stdin}` : ''}\n${differences
    .map((d) => `  ${d.part}, ${left}:\n${d.expected}\n  ${d.part}, ${right}:\n${d.actual}`)
    .join('\n')}`;
