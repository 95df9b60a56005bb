import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runStep } from '../run-steps.ts';
import { buildScene } from '../scene/build.ts';
import { differences, macsIn, type RecordedStep } from './normalise.ts';
import { WHOLE } from './oracle/whole.ts';

const dir = fileURLToPath(new URL('./oracle/transcripts', import.meta.url));

describe('recordings of the real kernel', () => {
  const files = readdirSync(dir)
    .filter((f) => f.endsWith('.json'))
    .sort();
  for (const file of files) {
    // Scripts not yet matched wholly are listed by `npx tsx lib/cli/oracle.ts`, not run as tests.
    if (!WHOLE.includes(file.slice(0, 2))) continue;
    it(file, () => {
      const steps = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as RecordedStep[];
      const macs = macsIn(steps);
      const machine = buildScene('bare', 1);
      const wrong = steps.flatMap((step) =>
        differences(step, runStep(machine, { cmd: step.cmd, stdin: step.stdin }), macs).map((d) => ({
          cmd: step.cmd,
          ...d,
        })),
      );
      expect(wrong).toEqual([]);
    });
  }

  it('are at least thirty whole scripts', () => {
    expect(WHOLE.length).toBeGreaterThanOrEqual(30);
  });
});
