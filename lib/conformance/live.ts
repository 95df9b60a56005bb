/** Live mode: the project's recordings made anew on this machine, against the old ones and against the engine. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { differences, macsIn, type RecordedStep } from '#sim/test/normalise.ts';
import {
  type Recording,
  type ReplayedStep,
  readRecording,
  replay,
  Tally,
  toolOf,
  type Versions,
} from '#sim/test/replay.ts';
import { Namespaces } from './namespaces.ts';
import { pooled, record } from './record.ts';
import { versionDifferences, versionsHere, versionsOf } from './versions.ts';

export const RECORDINGS = fileURLToPath(new URL('../sim/test/oracle/transcripts', import.meta.url));

/** The project's recordings whose file names contain one of the filters; all for none. */
export const recordingNames = (filters: readonly string[]): string[] =>
  readdirSync(RECORDINGS)
    .filter((f) => f.endsWith('.json') && (filters.length === 0 || filters.some((x) => f.includes(x))))
    .sort();

export const loadRecording = (name: string): Recording => readRecording(readFileSync(`${RECORDINGS}/${name}`, 'utf8'));

/** Why nothing can be recorded here; null where it can. */
export async function cannotRecord(): Promise<string | null> {
  if (process.platform !== 'linux') return `recording needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'recording needs root';
  try {
    const namespaces = await Namespaces.open();
    await namespaces.close();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const toolsIn = (steps: readonly RecordedStep[]): Set<string> => new Set(steps.map((s) => toolOf(s.cmd)));

export interface LiveResult {
  name: string;
  /** Why it was not recorded; the rest is then empty. */
  skipped: string | null;
  /** Steps that this machine answers differently from the recording. */
  moved: ReplayedStep[];
  /** Steps of the new recording, against the engine. */
  engine: ReplayedStep[];
}

/** Records recordings anew and compares, `jobs` at a time; those made with other versions are skipped, and say so. */
export async function live(
  names: readonly string[],
  jobs: number,
  here: Versions = versionsHere(),
  seen: (result: LiveResult) => void = () => {},
): Promise<{ results: LiveResult[]; tally: Tally }> {
  const tally = new Tally();
  const results = await pooled(names, jobs, async (name): Promise<LiveResult> => {
    const result = await one(name, here);
    tally.add(result.engine);
    seen(result);
    return result;
  });
  return { results, tally };
}

async function one(name: string, here: Versions): Promise<LiveResult> {
  const recording = loadRecording(name);
  const versions = versionsOf(name, recording);
  const other = versions
    ? versionDifferences(versions, here, toolsIn(recording.steps))
    : ['its versions are not known'];
  if (other.length > 0) return { name, skipped: `recorded with ${other.join('; ')}`, moved: [], engine: [] };
  const again = await record(recording.steps);
  const macs = macsIn(recording.steps);
  const moved = recording.steps
    .map((step, i) => ({
      step,
      tool: toolOf(step.cmd),
      differences: differences(step, again[i] as RecordedStep, macs),
    }))
    .filter((s) => s.differences.length > 0);
  return { name, skipped: null, moved, engine: replay(again) };
}
