/** Engine against kernel: a recording replayed, the steps that differ, and what sort of difference each is. */
import { macsIn, normaliseStep, type RecordedStep } from '#sim/test/normalise.ts';
import { type ReplayedStep, replay } from '#sim/test/replay.ts';
import { record, type Step } from './record.ts';

export interface Comparison {
  recorded: RecordedStep[];
  /** Steps that count: those that the kernel itself answers alike each time. */
  steps: ReplayedStep[];
  /** Steps whose answer another recording of the same script has not confirmed. */
  unstable: RecordedStep[];
}

const sameTwice = (a: RecordedStep, b: RecordedStep, macs: ReadonlySet<string>): boolean => {
  const [x, y] = [normaliseStep(a, macs), normaliseStep(b, macs)];
  return x.stdout === y.stdout && x.stderr === y.stderr && x.exit === y.exit;
};

/**
 * Records a script and replays it. Where the two differ the script is recorded again: a step that the
 * kernel answers differently from one run to the next proves nothing, so it is set aside and named.
 */
export async function compare(script: readonly Step[]): Promise<Comparison> {
  const recorded = await record(script);
  const macs = macsIn(script);
  const replayed = replay(recorded);
  const shaky = new Set<number>(recorded.flatMap((s, i) => (s.exit === 'timeout' ? [i] : [])));
  if (replayed.some((s, i) => s.differences.length > 0 && !shaky.has(i))) {
    const other = await record(script);
    for (const [i, step] of recorded.entries()) if (!sameTwice(step, other[i] as RecordedStep, macs)) shaky.add(i);
  }
  return {
    recorded,
    steps: replayed.filter((s, i) => s.differences.length === 0 || !shaky.has(i)),
    unstable: recorded.filter((_, i) => (replayed[i] as ReplayedStep).differences.length > 0 && shaky.has(i)),
  };
}

/** Two lines that stand at the first place where the texts part. */
export function firstDifference(expected: string, actual: string): [string, string] {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const i = at < 0 ? a.length : at;
  return [a[i] ?? '', b[i] ?? ''];
}

/** A name for a sort of difference: the tool and its verb, and the first lines that part, with numbers and names taken out. */
export function classOf({ step, tool, differences }: ReplayedStep): string {
  const worst = differences.find((d) => d.part === 'stderr') ?? differences[0];
  if (!worst) return '';
  const [expected, actual] = firstDifference(worst.expected, worst.actual);
  const bare = (line: string) =>
    line
      .replace(/[0-9a-f]{2}(?::[0-9a-f]{2}){5}/g, 'MAC')
      .replace(/\d+(?:\.\d+)+(?:\/\d+)?/g, 'IP')
      .replace(/\d+/g, '#')
      .slice(0, 90);
  const verb = new RegExp(`\\b${tool}\\b(?: -n \\S+| -\\S+)* (\\w+)`).exec(step.cmd)?.[1] ?? '';
  return `${tool} ${verb} | ${worst.part} | kernel: ${bare(expected)} | engine: ${bare(actual)}`;
}
