import { describe, expect, it } from 'vitest';
import { replay } from '../sim/test/replay.ts';
import { classOf, firstDifference } from './compare.ts';
import { randomScript } from './fuzz/script.ts';
import { shrink } from './fuzz/shrink.ts';
import { loadRecording, recordingNames } from './live.ts';
import { pooled } from './record.ts';
import { versionDifferences, versionsOf } from './versions.ts';

describe('random scripts', () => {
  it('are the same for the same seed', () => {
    expect(randomScript(7)).toEqual(randomScript(7));
    expect(randomScript(7)).not.toEqual(randomScript(8));
  });

  it('name every tool the engine is compared on', () => {
    const text = Array.from({ length: 60 }, (_, seed) => randomScript(seed).map((s) => s.cmd)).flat();
    for (const word of [
      'ip',
      'bridge',
      'iptables',
      'iptables-restore',
      'ip6tables',
      'nft',
      'ipset',
      'conntrack',
      'ping',
      'nc',
      'traceroute',
      'tracepath',
      'tcpdump',
      'arping',
      'sysctl',
      'ss',
    ])
      expect(
        text.some((cmd) => cmd.split(' ').includes(word)),
        word,
      ).toBe(true);
  });

  it('run in the engine to their end', () => {
    for (let seed = 0; seed < 20; seed++) {
      const blank = randomScript(seed).map((s) => ({ ...s, stdout: '', stderr: '', exit: 0 }));
      const thrown = replay(blank).filter((s) => s.differences.some((d) => d.actual.startsWith('THROWN')));
      expect(thrown.map((s) => s.step.cmd)).toEqual([]);
    }
  });
});

describe('shrinking', () => {
  it('leaves the steps that matter', async () => {
    const script = Array.from({ length: 40 }, (_, i) => ({ cmd: String(i) }));
    const needed = ['3', '17', '38'];
    const least = await shrink(script, async (s) => needed.every((n) => s.some((step) => step.cmd === n)));
    expect(least.map((s) => s.cmd)).toEqual(needed);
  });
});

describe('versions', () => {
  const here = { kernel: '6.18.4-generic', tools: { ip: '6.1.0', nft: '1.0.9' } };

  it('of equal kernels and tools are compared', () => {
    expect(versionDifferences({ kernel: '6.18', tools: { ip: '6.1.0', nft: '1.0.6' } }, here, ['ip'])).toEqual([]);
  });

  it('that differ are named', () => {
    expect(
      versionDifferences({ kernel: '6.1.0', tools: { nft: '1.0.6', ipset: '7.17' } }, here, ['nft', 'ipset']),
    ).toEqual(['kernel 6.1.0, here 6.18.4-generic', 'nft 1.0.6, here 1.0.9', 'ipset 7.17, here missing']);
  });

  it('are known of every recording', () => {
    for (const name of recordingNames([])) expect(versionsOf(name, loadRecording(name)), name).not.toBeNull();
  });
});

it('work runs pooled and answers in order', async () => {
  expect(await pooled([3, 1, 2], 2, async (n) => n * 2)).toEqual([6, 2, 4]);
});

it('a difference is named by its first lines that part', () => {
  expect(firstDifference('a\nb\nc', 'a\nx\nc')).toEqual(['b', 'x']);
  const step = { cmd: 'ip -n a route show', stdout: '', stderr: '', exit: 0 };
  expect(classOf({ step, tool: 'ip', differences: [{ part: 'stdout', expected: '10.0.0.1 dev x', actual: '' }] })).toBe(
    'ip route | stdout | kernel: IP dev x | engine: ',
  );
});
