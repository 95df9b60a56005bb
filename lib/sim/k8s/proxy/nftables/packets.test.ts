import { describe, expect, it } from 'vitest';
import { formatIp, parseIp } from '../../../addr/ip.ts';
import { runHook } from '../../../linux/netfilter/walk.ts';
import type { NetNs } from '../../../linux/types.ts';
import type { Packet } from '../../../packet/packet.ts';
import { type From, Lab } from '../../../test/kube-proxy/lab.ts';
import { SERVICES, serviceOf } from '../../../test/kube-proxy/services.ts';

const [A, B, C] = ['10.244.0.11', '10.244.0.12', '10.244.1.21'];
const [NODE, OUTSIDE, ALLOWED, BRIDGE] = ['172.18.0.2', '172.18.0.1', '198.51.100.5', '10.244.0.1'];

describe('packets through the rules of the nftables mode', () => {
  const lab = new Lab('nftables', SERVICES);
  it.each<[what: string, from: From, address: string, port: number, outcome: string]>([
    ['a Pod keeps its address at a cluster IP', 'b', '10.96.1.1', 80, `${A} sees ${B}`],
    ['the node is masqueraded there', 'node', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['so is the outside', 'outside', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['a Pod that asks its own Service meets itself', 'a', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['a port that the Service has not is refused', 'b', '10.96.1.1', 81, 'refused'],
    ['to the node, too', 'node', '10.96.1.1', 81, 'refused'],
    ['an address of no Service stays silent', 'b', '10.96.77.1', 80, 'silent'],
    ['a node port from a Pod', 'b', NODE, 30001, `${C} sees ${NODE}`],
    ['from the node', 'node', NODE, 30001, `${C} sees ${NODE}`],
    ['from outside', 'outside', NODE, 30001, `${C} sees ${NODE}`],
    ['a node port does not listen on loopback', 'node', '127.0.0.1', 30001, 'refused'],
    ['policy Local keeps the client', 'allowed', NODE, 30002, `${A} sees ${ALLOWED}`],
    ['and the next client', 'outside', NODE, 30002, `${A} sees ${OUTSIDE}`],
    ['and a Pod', 'b', NODE, 30002, `${A} sees ${B}`],
    ['but not the node itself', 'node', NODE, 30002, `${A} sees ${BRIDGE}`],
    ['policy Local without an endpoint here drops the outside', 'outside', NODE, 30003, 'silent'],
    ['but serves Pods', 'b', NODE, 30003, `${C} sees ${B}`],
    ['and the node', 'node', NODE, 30003, `${C} sees ${NODE}`],
    ['internal policy Local without an endpoint here drops', 'b', '10.96.1.4', 80, 'silent'],
    ['from the node as well', 'node', '10.96.1.4', 80, 'silent'],
    ['a load balancer lets its ranges in', 'allowed', '203.0.113.10', 80, `${A} sees ${BRIDGE}`],
    ['and nobody else', 'outside', '203.0.113.10', 80, 'silent'],
    ['not even a Pod', 'b', '203.0.113.10', 80, 'silent'],
    ['its node port knows no ranges', 'outside', NODE, 30006, `${A} sees ${BRIDGE}`],
    ['an external address from outside', 'outside', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['from a Pod', 'b', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['from the node', 'node', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['nobody there: refused to a Pod', 'b', '10.96.1.7', 80, 'refused'],
    ['to the node', 'node', '10.96.1.7', 80, 'refused'],
    ['at the node port', 'outside', NODE, 30007, 'refused'],
  ])('%s', (_, from, address, port, outcome) => {
    expect(lab.connect(from, address, port)).toBe(outcome);
  });
});

describe('a Service that comes and goes between packets', () => {
  it('is served as soon as it is written, and no longer', () => {
    const lab = new Lab('nftables', SERVICES);
    expect(lab.connect('b', '10.96.1.20', 80)).toBe('silent');
    lab.apply(serviceOf({ name: 'late', clusterIP: '10.96.1.20', endpoints: [C] }));
    expect(lab.connect('b', '10.96.1.20', 80)).toBe(`${C} sees ${B}`);
    lab.apply(serviceOf({ name: 'late', clusterIP: '10.96.1.20', endpoints: [A] }));
    expect(lab.connect('b', '10.96.1.20', 80)).toBe(`${A} sees ${B}`);
    lab.node('kubectl delete service late; sleep 3');
    expect(lab.connect('b', '10.96.1.20', 80)).toBe('silent');
    expect(lab.connect('b', '10.96.1.1', 80)).toBe(`${A} sees ${B}`);
  });
});

let sport = 1024;
/** A connection's first packet. */
const syn = (src: string, dst: string): Packet => ({
  id: sport,
  ip: {
    src: parseIp(src) as number,
    dst: parseIp(dst) as number,
    ttl: 64,
    proto: 6,
    tos: 0,
    id: 0,
    df: true,
    mf: false,
    offset: 0,
  },
  tcp: {
    sport: sport++,
    dport: 80,
    seq: 1,
    ack: 0,
    syn: true,
    ackFlag: false,
    fin: false,
    rst: false,
    psh: false,
    win: 65535,
    mss: 1460,
  },
  data: '',
  mark: 0,
  iif: 1,
});

describe('the choice of an endpoint', () => {
  it('spreads 10,000 connections within three standard deviations', () => {
    const lab = new Lab('nftables', serviceOf({ name: 'many', clusterIP: '10.96.2.1', endpoints: [A, B, C] }));
    const { world } = lab.machine;
    world.trace.off = true;
    const ns = world.netns.get(world.hosts.get('node-1')?.rootNs ?? 0) as NetNs;
    const eth0 = [...ns.links.values()].find((l) => l.name === 'eth0') ?? null;
    const seen = new Map<string, number>();
    const total = 10_000;
    for (let i = 0; i < total; i++) {
      const packet = syn(OUTSIDE, '10.96.2.1');
      runHook(world, ns, 'ip', 'PREROUTING', packet, eth0, null);
      const server = formatIp(packet.ip?.dst ?? 0);
      seen.set(server, (seen.get(server) ?? 0) + 1);
    }
    const deviation = Math.sqrt(total * (1 / 3) * (2 / 3));
    expect([...seen.keys()].sort()).toEqual([A, B, C]);
    for (const n of seen.values()) expect(Math.abs(n - total / 3)).toBeLessThan(3 * deviation);
  });

  it('stays with a client for as long as it is remembered', () => {
    const affinity = '  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}';
    const lab = new Lab(
      'nftables',
      serviceOf({ name: 'loyal', clusterIP: '10.96.2.2', endpoints: [A, C], nodePort: 30009, spec: affinity }),
    );
    const serverOf = (from: From, address = '10.96.2.2', port = 80) =>
      lab.connect(from, address, port).split(' ')[0] as string;
    const first = serverOf('b');
    for (let i = 0; i < 12; i++) expect(serverOf('b')).toBe(first);
    // It counts for the Service, by whichever of its addresses; and for each client of its own.
    expect(serverOf('b', NODE, 30009)).toBe(first);
    const clients = lab.node("nft list table ip kube-proxy | grep -A5 'set affinity-'");
    expect(clients).toContain('elements = { 10.244.0.12 expires ');
    lab.node('sleep 61');
    const later = new Set<string>();
    for (let i = 0; i < 12; i++) {
      later.add(serverOf('b'));
      lab.node('sleep 61');
    }
    expect([...later].sort()).toEqual([A, C]);
  });
});
