/** Recordings of the real kernel, replayed on `bare`: which steps differ, and of which tool they are. */

import { DEBIAN_KERNEL } from '../kernel/release.ts';
import { runStep } from '../run-steps.ts';
import { buildScene } from '../scene/build.ts';
import { differences, macsIn, type RecordedStep } from './normalise.ts';
import listed from './oracle/versions.json' with { type: 'json' };

export type Difference = ReturnType<typeof differences>[number];

export interface ReplayedStep {
  step: RecordedStep;
  tool: string;
  differences: Difference[];
}

/** What a recording may say of the machine it was made on: kernel and tool versions, as the tools print them. */
export interface Versions {
  kernel: string;
  tools: Record<string, string>;
}

export interface Recording {
  /** Null for a bare array of steps, which says nothing of its machine. */
  versions: Versions | null;
  steps: RecordedStep[];
}

/** Reads a transcript: a bare array of steps, or an object that holds them beside the versions. */
export function readRecording(text: string): Recording {
  const json = JSON.parse(text) as RecordedStep[] | { versions?: Versions; steps: RecordedStep[] };
  return Array.isArray(json) ? { versions: null, steps: json } : { versions: json.versions ?? null, steps: json.steps };
}

const TOOLS =
  'arping bridge conntrack curl dig host ip ip6tables ip6tables-restore ip6tables-save ipset iptables iptables-legacy iptables-restore iptables-save iptables-translate ipvsadm jq nc ncat nft nslookup nsenter ping ping6 ss sysctl tc tcpdump tracepath traceroute unshare wg';
const NAMED = new Map(TOOLS.split(' ').map((t) => [t, t]));
for (const tool of ['iptables', 'ip6tables'])
  for (const kind of ['-restore', '-save', '-translate', '-restore-translate', '-legacy', '-legacy-restore', '-nft'])
    NAMED.set(tool + kind, tool);
NAMED.set('ping6', 'ping');

/** The tool that a command line is about: the first it names, `ip netns exec NAME` and shell words aside. */
export function toolOf(cmd: string): string {
  const inside = cmd.replace(/\bip (?:-\S+ )*(?:netns|net) (?:exec|e) (?:-\S+ )?\S+ /g, '');
  for (const word of inside.split(/[\s;|&()<>"'`]+/)) {
    if (/\/cni\//.test(word)) return 'cni';
    const tool = NAMED.get(word.replace(/^.*\//, ''));
    if (tool) return tool;
  }
  return 'shell and files';
}

/** The versions that a recording of the project was made with: its own header, or what the list says of its number. */
export function versionsOf(name: string, recording: Recording): Versions | null {
  if (recording.versions) return recording.versions;
  const number = Number.parseInt(name, 10);
  return (
    (listed as unknown as ({ from: number; to: number } & Versions)[]).find(
      ({ from, to }) => number >= from && number <= to,
    ) ?? null
  );
}

/** Replays a recording on a `bare` machine with the kernel it was made on. */
export const replayRecording = (name: string, recording: Recording): ReplayedStep[] =>
  replay(recording.steps, versionsOf(name, recording)?.kernel);

/** Replays steps on a new `bare` machine. A thrown error is a difference too: the session must live on. */
export function replay(steps: readonly RecordedStep[], kernel?: string): ReplayedStep[] {
  const macs = macsIn(steps);
  const machine = buildScene('bare', 1, kernel === DEBIAN_KERNEL ? { kernel } : {});
  return steps.map((step) => {
    const tool = toolOf(step.cmd);
    try {
      const actual = runStep(machine, { cmd: step.cmd, stdin: step.stdin });
      return { step, tool, differences: differences(step, actual, macs) };
    } catch (error) {
      const actual = `THROWN ${error instanceof Error ? error.stack : error}`;
      return { step, tool, differences: [{ part: 'stderr', expected: step.stderr, actual }] };
    }
  });
}

export interface Score {
  matched: number;
  total: number;
}

/** Matched and total steps of each tool, by name. */
export class Tally {
  readonly tools = new Map<string, Score>();

  add(steps: readonly { tool: string; differences: readonly unknown[] }[]): this {
    for (const { tool, differences: wrong } of steps) {
      const score = this.tools.get(tool) ?? { matched: 0, total: 0 };
      this.tools.set(tool, {
        matched: score.matched + (wrong.length === 0 ? 1 : 0),
        total: score.total + 1,
      });
    }
    return this;
  }

  get all(): Score {
    const scores = [...this.tools.values()];
    return {
      matched: scores.reduce((n, s) => n + s.matched, 0),
      total: scores.reduce((n, s) => n + s.total, 0),
    };
  }

  /** A table of tool, matched/total and percent; the last line is the sum. */
  table(): string {
    const rows = [...this.tools].sort(([a], [b]) => (a < b ? -1 : 1));
    const line = (name: string, { matched, total }: Score) =>
      `${name.padEnd(18)}${`${matched}/${total}`.padStart(13)}${((100 * matched) / Math.max(1, total)).toFixed(2).padStart(9)} %`;
    return [...rows.map(([name, score]) => line(name, score)), line('all', this.all)].join('\n');
  }
}
