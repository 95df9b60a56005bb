import { expect, it } from 'vitest';
import { UsageError } from '../args.ts';
import { benchOptions } from '../verbs/bench.ts';
import { Model } from './model.ts';
import { renderRows } from './report.ts';
import { clusterIp, deltaTable, fullTable, LIVE_ENDPOINTS, partialTable } from './services.ts';
import { rowOf } from './stats.ts';
import { TOPOLOGY_LINES, topologyBatch } from './topology.ts';

const rulesOf = (text: string) => text.split('\n').filter((l) => l.startsWith('-A '));

it.each([
  [100, 1518, 1108],
  [1000, 15_018, 11_008],
])('writes %i Services as kube-proxy does: %i lines, %i rules', (count, lines, rules) => {
  const text = fullTable(count);
  expect(text.endsWith('COMMIT\n')).toBe(true);
  expect(text.trimEnd().split('\n')).toHaveLength(lines);
  expect(rulesOf(text)).toHaveLength(rules);
  const chains = [...text.matchAll(/^:(\S+) /gm)].map((m) => m[1] as string);
  expect(new Set(chains).size).toBe(chains.length);
  expect(chains.filter((c) => /^KUBE-SVC-[A-Z2-7]{16}$/.test(c))).toHaveLength(count);
  expect(chains.filter((c) => /^KUBE-SEP-[A-Z2-7]{16}$/.test(c))).toHaveLength(3 * count);
  for (const address of LIVE_ENDPOINTS) expect(text).toContain(`--to-destination ${address}:8080`);
});

it('gives each Service an address of its own', () => {
  expect([0, 245, 246, 9999].map(clusterIp)).toEqual(['10.96.0.10', '10.96.0.255', '10.96.1.0', '10.96.39.25']);
});

it('is taken by the engine: the delta adds one Service, the partial text all entries and one Service', () => {
  const model = new Model();
  model.run('iptables-restore', fullTable(10));
  const saved = () => rulesOf(model.run('iptables-save -t nat').stdout);
  expect(saved()).toHaveLength(118);
  model.run('iptables-restore --noflush', deltaTable(10));
  expect(saved()).toHaveLength(129);
  expect(saved().find((l) => l.startsWith('-A KUBE-SERVICES '))).toContain(` -d ${clusterIp(10)}/32 `);
  model.run('iptables-restore --noflush', partialTable(11));
  expect(saved()).toHaveLength(140);
});

it('types the same commands that the batches hold', () => {
  expect(TOPOLOGY_LINES).toHaveLength(110);
  const batch = topologyBatch();
  for (const line of TOPOLOGY_LINES) expect(batch).toContain(line.replace(/^(ip|bridge)( -n \S+)? (?!netns exec)/, ''));
});

it('reads its arguments', () => {
  expect(benchOptions([])).toEqual({ only: [], json: false, kernel: true });
  expect(benchOptions(['--only', 'save,list-100', '--json', '--no-kernel'])).toEqual({
    only: ['save', 'list-100'],
    json: true,
    kernel: false,
  });
  for (const wrong of [['save'], ['--only'], ['--only', 'a,'], ['--fast']])
    expect(() => benchOptions(wrong)).toThrow(UsageError);
});

it('says how far a figure is from its goal and from the kernel', () => {
  const time = rowOf({ name: 'a', what: 'x', unit: 'ms', goal: 5 }, [4, 6, 5], [50]);
  expect(time).toMatchObject({ ours: { median: 5, min: 4, p95: 6, rounds: 3 }, ratio: 10, met: true });
  const rate = rowOf({ name: 'b', what: 'y', unit: 'per s', goal: 10 }, [5], [10]);
  expect(rate).toMatchObject({ ratio: 0.5, met: false });
  const text = renderRows([time, rowOf({ name: 'c', what: 'z', unit: 'MB', goal: null }, [1])], 'not root');
  expect(text).toContain('The kernel was not measured: not root.');
  expect(text.split('\n')[2]).toMatch(/^c +MB +1\.00 +1\.00 +1\.00 +- +- +- +- +z \(1 round\)$/);
});
