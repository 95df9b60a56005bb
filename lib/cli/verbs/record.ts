import { writeFileSync } from 'node:fs';
import { cannotRecord } from '#conformance/live.ts';
import { record as recordSteps } from '#conformance/record.ts';
import { versionsHere } from '#conformance/versions.ts';
import { parseArgs, UsageError } from '../args.ts';
import { readScript } from '../script-file.ts';

export const usage = 'record SCRIPT.json|- [-o OUT.json]';

/** Records what this machine's kernel and tools answer, with their versions; the network it uses is a private one. */
export async function record(argv: string[]): Promise<number> {
  const args = parseArgs(
    argv.map((a) => (a === '-o' ? '--out' : a)),
    ['out'],
    [],
  );
  const [file] = args.operands;
  if (file === undefined || args.operands.length > 1) throw new UsageError('one script is wanted');
  const script = readScript(file);
  const why = await cannotRecord();
  if (why) throw new UsageError(why);
  const text = recordingText(versionsHere(), await recordSteps(script));
  const out = args.options.get('out');
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  return 0;
}

/** One step a line, so that a change of one shows as one. */
export function recordingText(versions: object, steps: readonly object[]): string {
  return `{\n"versions": ${JSON.stringify(versions)},\n"steps": [\n${steps.map((s) => JSON.stringify(s)).join(',\n')}\n]\n}\n`;
}
