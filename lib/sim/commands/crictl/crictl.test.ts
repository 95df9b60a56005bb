import { expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

it('stops a sandbox, which the kubelet makes anew, and tells of what has ended', () => {
  const machine = buildScene('flannel-vxlan', 1);
  const on = (cmd: string): string => {
    const { stdout, stderr } = runStep(machine, { host: 'node1', cmd });
    return stdout + stderr;
  };
  const id = on('crictl pods --name pod-a -q').trim();
  expect(on(`crictl stopp ${id}`)).toBe(`Stopped sandbox ${id}\n`);
  expect(on('crictl pods --name pod-a | cut -c41-60').split('\n')[1]?.trim()).toBe('NotReady');
  on('sleep 2');
  const states = on('crictl pods --name pod-a').split('\n').slice(1, 3);
  expect(states.map((line) => line.split(/ {2,}/)).map((cells) => [cells[2], cells[5]])).toEqual([
    ['Ready', '1'],
    ['NotReady', '0'],
  ]);
  expect(on('kubectl get pod pod-a --no-headers').replace(/ +/g, ' ')).toMatch(/^pod-a 1\/1 Running 1 \(\d+s ago\)/);
  expect(on('kubectl get events')).toContain('Pod sandbox changed, it will be killed and re-created.');
  expect(on('crictl ps -a --name netshoot').match(/Exited/g)).toHaveLength(1);
  expect(on(`crictl rmp ${id}`)).toBe(`Removed sandbox ${id}\n`);
  expect(on('crictl ps -a --name netshoot')).not.toContain('Exited');
  expect(on('crictl rmp nope')).toContain('an error occurred when try to find sandbox "nope": not found');
  expect(on('crictl images')).toMatch(
    /^IMAGE +TAG +IMAGE ID +SIZE\ndocker\.io\/hashicorp\/http-echo +1\.0 +[0-9a-f]{13} +[\d.]+MB\n/,
  );
});
