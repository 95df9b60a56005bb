import { expect, test } from 'vitest';
import { command as arping } from '../../commands/arping/index.ts';
import { command as ping } from '../../commands/ping/index.ts';
import { addLink, setLink } from '../link/ops.ts';
import { restore } from '../netfilter/restore.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import type { BridgeData } from '../types.ts';
import { address4, type Bed, cable, exec, link, namespace, route, testbed } from './testbed.ts';

/** Two pods on cni0 of a node. */
function pods() {
  const bed = testbed([ping, arping]);
  const node = namespace(bed, 'node1');
  addLink(bed.world, node, { kind: 'bridge', name: 'cni0' });
  setLink(bed.world, node, link(node, 'cni0'), { up: true });
  address4(bed, node, 'cni0', '10.244.1.1/24');
  const made = ['2', '3'].map((n) => {
    const pod = namespace(bed, `pod${n}`);
    cable(bed, pod, 'eth0', `10.244.1.${n}/24`, node, `v${n}`, null);
    setLink(bed.world, node, link(node, `v${n}`), { master: link(node, 'cni0').ifindex });
    return pod;
  });
  return { bed, node, pod2: made[0] as (typeof made)[number], pod3: made[1] as (typeof made)[number] };
}

const loss = (bed: Bed, from: Parameters<typeof exec>[1], to: string) =>
  exec(bed, from, ['ping', '-c1', '-W1', to]).exit;

test('frames between ports are bridged, and the bridge learns', () => {
  const { bed, node, pod2, pod3 } = pods();
  expect(loss(bed, pod2, '10.244.1.3')).toBe(0);
  const { fdb } = link(node, 'cni0').data as BridgeData;
  const learned = fdb.filter((f) => !f.isLocal).map((f) => [f.mac, f.port]);
  expect(learned).toEqual([
    [link(pod3, 'eth0').mac, link(node, 'v3').ifindex],
    [link(pod2, 'eth0').mac, link(node, 'v2').ifindex],
  ]);
});

test('isolated ports do not reach each other, but the bridge', () => {
  const { bed, node, pod2 } = pods();
  for (const name of ['v2', 'v3']) {
    const { port } = link(node, name);
    if (port) port.isolated = true;
  }
  expect([loss(bed, pod2, '10.244.1.3'), loss(bed, pod2, '10.244.1.1')]).toEqual([1, 0]);
});

test('iptables sees bridged packets only with br_netfilter', () => {
  const { bed, node, pod2 } = pods();
  expect(restore(bed.world, node, 'ip', '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n')).toBeNull();
  expect(loss(bed, pod2, '10.244.1.3')).toBe(0);
  bed.host.modules.add('br_netfilter');
  expect(loss(bed, pod2, '10.244.1.3')).toBe(1);
});

test('a service on the same node needs br_netfilter for its answers', () => {
  const { bed, node, pod2, pod3 } = pods();
  bed.host.modules.add('br_netfilter');
  const rules =
    '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.96.0.10/32 -j DNAT --to-destination 10.244.1.3\nCOMMIT\n';
  expect(restore(bed.world, node, 'ip', rules)).toBeNull();
  route(bed, pod2, '0.0.0.0/0', '10.244.1.1');
  route(bed, pod3, '0.0.0.0/0', '10.244.1.1');
  setSysctl(bed.world, bed.host, node, 'net.ipv4.ip_forward', '1');
  expect(loss(bed, pod2, '10.96.0.10')).toBe(0);
  setSysctl(bed.world, bed.host, node, 'net.bridge.bridge-nf-call-iptables', '0');
  const { out } = exec(bed, pod2, ['ping', '-c1', '-W1', '10.96.0.10']);
  expect(out).toMatch(/64 bytes from 10\.244\.1\.3: icmp_seq=1 ttl=64 time=\S+ ms \(DIFFERENT ADDRESS!\)\n/);
});

test('a loop of bridges ends', () => {
  const { bed, node, pod2 } = pods();
  addLink(bed.world, node, { kind: 'bridge', name: 'br1' });
  setLink(bed.world, node, link(node, 'br1'), { up: true });
  for (const [x, y] of [
    ['x0', 'y0'],
    ['x1', 'y1'],
    ['x2', 'y2'],
  ] as const) {
    cable(bed, node, x, null, node, y, null);
    setLink(bed.world, node, link(node, x), { master: link(node, 'cni0').ifindex });
    setLink(bed.world, node, link(node, y), { master: link(node, 'br1').ifindex });
  }
  expect(exec(bed, pod2, ['arping', '-c1', '-w1', '-I', 'eth0', '10.244.1.99']).out).toContain('Timeout');
});
