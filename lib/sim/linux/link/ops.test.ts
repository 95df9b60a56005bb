import { describe, expect, it } from 'vitest';
import { parseIp4, parsePrefix } from '../../addr/ip.ts';
import { createHost, createWorld } from '../../kernel/create.ts';
import { emptyDir } from '../../shell/vfs/tree.ts';
import { addAddress, deleteAddress } from '../addr/ops.ts';
import { createNetns, destroyNetns } from '../netns/netns.ts';
import { lookupRoute } from '../route/lookup.ts';
import { addRoute } from '../route/ops.ts';
import { setSysctl, sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { linkFlags, operState } from './flags.ts';
import { addLink, deleteLink, findLink, setLink } from './ops.ts';

const ip = (text: string) => parseIp4(text) as number;

function host() {
  const world = createWorld('test', 1);
  const node = createHost(world, 'node', emptyDir());
  const ns = createNetns(world, node, 'node');
  node.rootNs = ns.id;
  return { world, node, ns };
}

const link = (ns: NetNs, name: string) => findLink(ns, name) as Link;

function pair() {
  const h = host();
  const other = createNetns(h.world, h.node, 'other');
  addLink(h.world, h.ns, { kind: 'veth', name: 'eth0', peer: { name: 'eth0' }, peerNs: other });
  addAddress(h.world, h.ns, link(h.ns, 'eth0'), { local: ip('10.0.1.1'), len: 24 });
  setLink(h.world, h.ns, link(h.ns, 'eth0'), { up: true });
  return { ...h, other };
}

const mainRoutes = (ns: NetNs) =>
  (ns.routes4.get(254) ?? []).map((r) => ({ len: r.dst.len, linkdown: r.nexthops[0]?.linkdown }));

describe('links', () => {
  it('gives a veth its carrier when both ends are up, and routes their linkdown flag', () => {
    const { world, ns, other } = pair();
    expect(operState(world, ns, link(ns, 'eth0'))).toBe('DOWN');
    expect(mainRoutes(ns)).toEqual([{ len: 24, linkdown: true }]);
    setLink(world, other, link(other, 'eth0'), { up: true });
    expect(linkFlags(world, ns, link(ns, 'eth0'))).toEqual(['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']);
    expect(mainRoutes(ns)).toEqual([{ len: 24, linkdown: false }]);
  });

  it('takes the peer along, and the routes of the link', () => {
    const { world, ns, other } = pair();
    expect(deleteLink(world, other, link(other, 'eth0'))).toBeNull();
    expect(findLink(ns, 'eth0')).toBeUndefined();
    expect(mainRoutes(ns)).toEqual([]);
  });

  it('ends with its namespace', () => {
    const { world, ns, other } = pair();
    destroyNetns(world, other);
    expect([...ns.links.values()].map((l) => l.name)).toEqual(['lo']);
  });

  it('refuses a gateway that no link reaches', () => {
    const { world, ns } = pair();
    const spec = {
      dst: parsePrefix('10.9.0.0/16') as { ip: number; len: number },
      nexthops: [{ gateway: ip('192.168.1.1') }],
    };
    expect(addRoute(world, ns, spec, 'add')).toEqual({ errno: 'ENETUNREACH', extack: 'Nexthop has invalid gateway' });
    expect(addRoute(world, ns, { ...spec, nexthops: [{ gateway: ip('10.0.1.2') }] }, 'add')).toBeNull();
    const found = lookupRoute(world, ns, { dst: ip('10.9.3.4') });
    expect(found).toMatchObject({ ok: true, type: 'unicast', src: ip('10.0.1.1'), gateway: ip('10.0.1.2'), mtu: 1500 });
  });

  it('drops secondaries with their primary, unless they are promoted', () => {
    const { world, node, ns } = pair();
    const eth0 = link(ns, 'eth0');
    addAddress(world, ns, eth0, { local: ip('10.0.1.9'), len: 24 });
    expect(eth0.addrs.filter((a) => typeof a.local === 'number').map((a) => a.flags)).toEqual([[], ['secondary']]);
    setSysctl(world, node, ns, 'net.ipv4.conf.eth0.promote_secondaries', '1');
    deleteAddress(world, ns, eth0, { local: ip('10.0.1.1'), len: 24 });
    expect(eth0.addrs.filter((a) => typeof a.local === 'number').map((a) => [a.local, a.flags])).toEqual([
      [ip('10.0.1.9'), []],
    ]);
    expect((ns.routes4.get(254) ?? []).map((r) => r.src)).toEqual([ip('10.0.1.9')]);
  });

  it('spreads ip_forward over every interface', () => {
    const { world, node, ns } = pair();
    expect(setSysctl(world, node, ns, 'net.ipv4.ip_forward', 'abc')).toBe('EINVAL');
    setSysctl(world, node, ns, 'net.ipv4.ip_forward', '1');
    expect(sysctlNum(ns, 'net.ipv4.conf.eth0.forwarding')).toBe(1);
    expect(sysctlNum(ns, 'net.ipv4.conf.default.forwarding')).toBe(1);
  });
});
