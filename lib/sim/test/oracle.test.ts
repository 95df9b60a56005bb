import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DEBIAN_KERNEL } from '../kernel/release.ts';
import { kernelFor } from '../scene/kernel-choice.ts';
import { OPEN } from './oracle/whole.ts';
import { readRecording, replayRecording, Tally, toolOf, versionsOf } from './replay.ts';

const dir = fileURLToPath(new URL('./oracle/transcripts', import.meta.url));
const files = readdirSync(dir)
  .filter((f) => f.endsWith('.json'))
  .sort();

describe('recordings of the real kernel', () => {
  const tally = new Tally();
  let whole = 0;
  // Past the reporter: the table is what `npm test` shows of fidelity.
  afterAll(() => {
    process.stdout.write(
      `\nRecordings of the real kernel: ${whole}/${files.length} match wholly; matched/total commands by tool:\n${tally.table()}\n`,
    );
  });

  for (const file of files) {
    const open = OPEN[file.split('-')[0] as string] ?? 0;
    it(open ? `${file} (at most ${open} differ)` : file, () => {
      const steps = replayRecording(file, readRecording(readFileSync(`${dir}/${file}`, 'utf8')));
      tally.add(steps);
      const wrong = steps
        .filter((s) => s.differences.length > 0)
        .map((s) => ({ cmd: s.step.cmd, differences: s.differences }));
      if (wrong.length === 0) whole++;
      if (open) {
        expect(wrong.length).toBeLessThanOrEqual(open);
        expect(wrong, `matches wholly: take it out of OPEN`).not.toEqual([]);
      } else expect(wrong).toEqual([]);
    });
  }

  it('are all there', () => {
    expect(files.length).toBeGreaterThanOrEqual(89);
  });
});

describe('the kernel a script can run on', () => {
  it('is the one it was recorded on', () => {
    for (const file of files) {
      const recording = readRecording(readFileSync(`${dir}/${file}`, 'utf8'));
      if (kernelFor(recording.steps)) expect(versionsOf(file, recording)?.kernel, file).toBe(DEBIAN_KERNEL);
    }
  });
});

describe('a command line is counted for its tool', () => {
  it.each([
    ['ip -n a link show', 'ip'],
    ['ip netns exec a ping -c1 10.0.0.1', 'ping'],
    ['ip netns add a', 'ip'],
    ['(ip netns exec b nc -l 80 &) ; ip netns exec a curl -s 10.0.0.1', 'nc'],
    ['echo x | iptables-restore -n', 'iptables'],
    ['CNI_COMMAND=ADD /usr/lib/cni/bridge < c', 'cni'],
    ['cat /proc/net/route', 'shell and files'],
  ])('%s', (cmd, tool) => {
    expect(toolOf(cmd)).toBe(tool);
  });
});
