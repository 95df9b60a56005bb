import { expect, test } from 'vitest';
import type { Ip } from '../../addr/ip.ts';
import { parseIp } from '../../addr/ip.ts';
import { parseMac } from '../../addr/mac.ts';
import { command as ping } from '../../commands/ping/index.ts';
import { createHost, createSegment } from '../../kernel/create.ts';
import { addLink, setLink } from '../link/ops.ts';
import { setNeighbour } from '../neigh/ops.ts';
import { createNetns } from '../netns/netns.ts';
import { addRoute } from '../route/ops.ts';
import type { VxlanData } from '../types.ts';
import { address4, exec, link, testbed } from './testbed.ts';

const ip = (text: string): Ip => parseIp(text) as Ip;
const mac = (text: string): number => parseMac(text) as number;

/** Two hosts on one network, flannel.1 on both, as flanneld sets them up. */
function cluster() {
  const bed = testbed([ping]);
  const segment = createSegment(bed.world, 'lan', 200);
  const nodes = [1, 2].map((n) => {
    const host = n === 1 ? bed.host : createHost(bed.world, `node${n}`, bed.host.fs);
    const ns = createNetns(bed.world, host, `node${n}`);
    host.rootNs = ns.id;
    addLink(bed.world, ns, {
      kind: 'phys',
      name: 'eth0',
      mac: mac(`02:00:00:00:00:0${n}`),
      data: { segment: segment.id },
    });
    address4(bed, ns, 'eth0', `172.18.0.${n}/24`);
    setLink(bed.world, ns, link(ns, 'eth0'), { up: true });
    const lower = link(ns, 'eth0').ifindex;
    addLink(bed.world, ns, {
      kind: 'vxlan',
      name: 'flannel.1',
      mac: mac(`02:42:00:00:0${n}:00`),
      lower,
      data: { id: 1, local: ip(`172.18.0.${n}`), dstport: 8472, learning: false },
    });
    address4(bed, ns, 'flannel.1', `10.244.${n}.0/32`);
    setLink(bed.world, ns, link(ns, 'flannel.1'), { up: true });
    return ns;
  });
  const [n1, n2] = nodes as [(typeof nodes)[number], (typeof nodes)[number]];
  for (const [ns, other] of [
    [n1, 2],
    [n2, 1],
  ] as const) {
    const dev = link(ns, 'flannel.1');
    const gateway = ip(`10.244.${other}.0`);
    addRoute(
      bed.world,
      ns,
      { dst: { ip: gateway, len: 24 }, nexthops: [{ gateway, dev: dev.ifindex, onlink: true }] } as never,
      'add',
    );
    setNeighbour(
      bed.world,
      ns,
      dev.ifindex,
      gateway,
      { mac: mac(`02:42:00:00:0${other}:00`), state: 'PERMANENT' },
      'add',
    );
    (dev.data as VxlanData).fdb.push({
      mac: mac(`02:42:00:00:0${other}:00`),
      port: dev.ifindex,
      vlan: 0,
      dst: ip(`172.18.0.${other}`),
      isLocal: false,
      isStatic: true,
      flags: [],
      updated: 0,
      used: 0,
    });
  }
  return { bed, n1, n2 };
}

test('a tunnel carries frames between hosts, in UDP 8472', () => {
  const { bed, n1, n2 } = cluster();
  n2.captures.set(1, { id: 1, dev: link(n2, 'eth0').ifindex, frames: [] });
  const { out, exit } = exec(bed, n1, ['ping', '-c1', '-W1', '10.244.2.0']);
  expect(exit).toBe(0);
  expect(out).toMatch(/64 bytes from 10\.244\.2\.0: icmp_seq=1 ttl=64 time=0\.[4-9]\d\d ms/);
  const outer = n2.captures.get(1)?.frames.find((f) => f.dir === 'in' && f.packet.udp)?.packet;
  expect(outer).toMatchObject({
    ip: { src: ip('172.18.0.1'), dst: ip('172.18.0.2'), ttl: 64, df: false },
    udp: { dport: 8472 },
    vni: 1,
  });
  expect(outer?.inner?.ip?.src).toBe(ip('10.244.1.0'));
});

test('without an FDB entry the tunnel has nowhere to send', () => {
  const { bed, n1 } = cluster();
  (link(n1, 'flannel.1').data as VxlanData).fdb.length = 0;
  expect(exec(bed, n1, ['ping', '-c1', '-W1', '10.244.2.0']).exit).toBe(1);
  expect(bed.world.trace.events.findLast((e) => e.kind === 'drop')).toMatchObject({ reason: 'NO_TX_TARGET' });
});
