import { expect, it } from 'vitest';
import { runStep } from '../run-steps.ts';
import { buildScene } from '../scene/build.ts';

const CONF = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'n',
  type: 'bridge',
  bridge: 'br7',
  isGateway: true,
  ipam: { type: 'host-local', subnet: '10.9.0.0/24', routes: [{ dst: '0.0.0.0/0' }] },
});

const machine = buildScene('flannel-vxlan', 1);
const run = (cmd: string) => runStep(machine, { host: 'node2', cmd });
const call = (command: string, id: string, netns: string) =>
  run(
    `CNI_COMMAND=${command} CNI_CONTAINERID=${id} CNI_NETNS=/run/netns/${netns} CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin /opt/cni/bin/bridge <<< '${CONF}'`,
  );

it('wires a namespace by hand, hands out addresses in turn and forgets them', () => {
  run('ip netns add a; ip netns add b');
  const added = JSON.parse(call('ADD', 'c1', 'a').stdout);
  expect(added.ips).toEqual([{ interface: 2, address: '10.9.0.2/24', gateway: '10.9.0.1' }]);
  expect(run('ip -n a route').stdout).toBe(
    'default via 10.9.0.1 dev eth0 \n10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.2 \n',
  );
  expect(call('DEL', 'c1', 'a')).toMatchObject({ stdout: '', stderr: '', exit: 0 });
  expect(call('DEL', 'c1', 'a')).toMatchObject({ stdout: '', stderr: '', exit: 0 });
  // A freed address rests: the next one follows the last that was handed out.
  expect(JSON.parse(call('ADD', 'c2', 'b').stdout).ips[0].address).toBe('10.9.0.3/24');
  expect(run('ls /var/lib/cni/networks/n').stdout).toBe('10.9.0.3\nlast_reserved_ip.0\nlock\n');
});

it('answers errors in the JSON of the specification', () => {
  expect(call('ADD', 'c3', 'nope')).toMatchObject({ exit: 1 });
  expect(
    run(
      "echo '{}' | CNI_COMMAND=ADD CNI_CONTAINERID=x CNI_NETNS=/run/netns/a CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin /opt/cni/bin/bridge",
    ).stdout,
  ).toBe('{\n    "code": 7,\n    "msg": "missing network name"\n}');
});
