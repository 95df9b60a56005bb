/** Commands whose answers were recorded once with Debian 12's programs, in a folder that `setup` had filled. */
import { expect, it } from 'vitest';
import '#sim/commands/load.ts';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';
import recorded from './recorded-setup.json' with { type: 'json' };

export interface Recorded {
  cmd: string;
  stdout: string;
  stderr: string;
  exit: number;
}

/** A test for each command: its whole output and exit status. */
export function replay(cases: readonly Recorded[]): void {
  it.each(cases.map((c) => [c.cmd, c] as const))('%s', (_, { cmd, stdout, stderr, exit }) => {
    const machine = buildScene('bare', 1);
    runStep(machine, { cmd: recorded.setup });
    const got = runStep(machine, { cmd });
    expect({ stdout: got.stdout, stderr: got.stderr, exit: got.exit }).toEqual({ stdout, stderr, exit });
  });
}
