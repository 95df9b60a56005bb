import { expect, test } from 'vitest';
import type { TopologySnapshot, TraceEvent, TraceStep } from '#sim/index.ts';
import { packetsOf } from '#worker/trace.ts';
import { layOut, NODE_HEIGHT, NODE_WIDTH } from './layout.ts';
import { scopeOf, stepsOf, trailPoints } from './steps.ts';

const link = (ifindex: number, name: string, kind: string, more: object = {}) => ({
  ifindex,
  name,
  kind,
  up: true,
  carrier: true,
  mac: '',
  mtu: 1500,
  addrs: [],
  master: '',
  peer: null,
  segment: null,
  note: '',
  ...more,
});

const host = (name: string, ns: number, pods: number) => ({
  name,
  namespaces: [
    {
      id: ns,
      label: name,
      root: true,
      links: [
        link(1, 'lo', 'loopback'),
        link(2, 'eth0', 'phys', { segment: 0, addrs: ['172.18.0.2/16'] }),
        link(3, 'flannel.1', 'vxlan', { note: 'VNI 1' }),
        link(4, 'cni0', 'bridge'),
        ...Array.from({ length: pods }, (_, i) =>
          link(5 + i, `veth${i}`, 'veth', { master: 'cni0', peer: { ns: ns + 1 + i, ifindex: 2 } }),
        ),
      ],
    },
    ...Array.from({ length: pods }, (_, i) => ({
      id: ns + 1 + i,
      label: `pod default/p${i}`,
      root: false,
      links: [link(1, 'lo', 'loopback'), link(2, 'eth0', 'veth', { peer: { ns, ifindex: 5 + i } })],
    })),
  ],
});

const snapshot: TopologySnapshot = {
  hosts: [host('node1', 1, 5), host('node2', 10, 1)],
  segments: [{ id: 0, name: 'nodes' }],
};

test('everything has its place, and nothing overlaps', () => {
  const layout = layOut(snapshot);
  const nodes = [...layout.nodes.values()].filter((n) => n.kind !== 'segment');
  for (const a of nodes) {
    expect(a.x - NODE_WIDTH / 2).toBeGreaterThanOrEqual(0);
    expect(a.x + NODE_WIDTH / 2).toBeLessThanOrEqual(layout.width);
    expect(a.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(layout.height);
    for (const b of nodes)
      if (a !== b)
        expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT, `${a.id} ${b.id}`).toBe(true);
  }
  expect(nodes.some((n) => n.label === 'lo')).toBe(false);
  expect(layout.nodes.get('node1|node1|eth0')?.y).toBe(layout.nodes.get('node2|node2|eth0')?.y);
  expect(layout.wires.filter((w) => w.kind === 'veth')).toHaveLength(6);
  expect(layout.wires.filter((w) => w.kind === 'port')).toHaveLength(6);
  expect(layout.wires.filter((w) => w.kind !== 'veth' && w.kind !== 'port')).toEqual([
    { from: 'node1|node1|eth0', to: 'segment 0', kind: 'cable' },
    { from: 'node1|node1|flannel.1', to: 'node1|node1|eth0', kind: 'over' },
    { from: 'node2|node2|eth0', to: 'segment 0', kind: 'cable' },
    { from: 'node2|node2|flannel.1', to: 'node2|node2|eth0', kind: 'over' },
  ]);
});

test('an empty network has a picture too', () => {
  expect(layOut({ hosts: [], segments: [] })).toMatchObject({ boxes: [], wires: [] });
});

let seq = 0;
const event = (pkt: number, ns: string, header: object, step: TraceStep): TraceEvent => ({
  ...step,
  seq: ++seq,
  at: 0,
  pkt,
  host: 'node1',
  ns,
  header: { src: '10.0.0.1', dst: '10.0.0.2', proto: 'ICMP', ...header },
});

const REPLY = { src: '10.0.0.2', dst: '10.0.0.1', info: 'echo reply seq 1' };
const trace = [
  event(1, 'pod default/p0', { proto: 'ARP' }, { kind: 'tx', dev: 'eth0' }),
  event(2, 'pod default/p0', { info: 'echo request seq 1' }, { kind: 'tx', dev: 'eth0' }),
  event(
    2,
    'node1',
    { info: 'echo request seq 1' },
    { kind: 'bridge', bridge: 'cni0', port: 'veth0', action: 'forward', to: ['veth1'] },
  ),
  event(
    2,
    'node1',
    { info: 'echo request seq 1' },
    {
      kind: 'hook',
      family: 'ip',
      table: 'filter',
      chain: 'FORWARD',
      hook: 'FORWARD',
      rule: 1,
      text: '-j ACCEPT',
      verdict: 'ACCEPT',
    },
  ),
  event(2, 'pod default/p1', { info: 'echo request seq 1' }, { kind: 'deliver', socket: 'icmp' }),
  event(3, 'pod default/p1', REPLY, { kind: 'tx', dev: 'eth0' }),
  event(3, 'pod default/p1', REPLY, { kind: 'drop', reason: 'NETFILTER_DROP', text: '' }),
  event(4, 'pod default/p0', { proto: 'TCP', sport: 40000, dport: 80, info: 'SYN' }, { kind: 'tx', dev: 'eth0' }),
  event(
    5,
    'pod default/p1',
    { src: '10.0.0.2', dst: '10.0.0.1', proto: 'TCP', sport: 80, dport: 40000, info: 'SYN ACK' },
    { kind: 'tx', dev: 'eth0' },
  ),
  event(6, 'pod default/p0', { proto: 'TCP', sport: 40000, dport: 80, info: 'ACK' }, { kind: 'tx', dev: 'eth0' }),
];

test('each step happens somewhere in the picture, a drop where the packet was', () => {
  const packets = packetsOf(trace);
  const layout = layOut(snapshot, scopeOf(packets));
  expect(stepsOf(packets[1]!, layout).map((s) => s.node)).toEqual([
    'node1|pod default/p0|eth0',
    'node1|node1|cni0',
    'node1|node1|',
    'node1|pod default/p1|',
  ]);
  expect(stepsOf(packets[2]!, layout).map((s) => s.node)).toEqual([
    'node1|pod default/p1|eth0',
    'node1|pod default/p1|eth0',
  ]);
  expect(layout.boxes.map((b) => b.id)).toEqual(['node1', 'node1|pod default/p0', 'node1|pod default/p1']);
});

test('between hosts the trail runs along the segment', () => {
  const layout = layOut(snapshot);
  const [from, to, segment] = ['node1|node1|eth0', 'node2|node2|eth0', 'segment 0'].map((id) => layout.nodes.get(id)!);
  expect(trailPoints([from!.id, to!.id], layout)).toEqual([
    { x: from!.x, y: from!.y },
    { x: from!.x, y: segment!.y },
    { x: to!.x, y: segment!.y },
    { x: to!.x, y: to!.y },
  ]);
});
