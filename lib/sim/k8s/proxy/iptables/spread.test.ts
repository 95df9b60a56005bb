import { expect, it } from 'vitest';
import { formatIp, parseIp4 } from '../../../addr/ip.ts';
import type { Machine } from '../../../kernel/machine.ts';
import type { Program } from '../../../kernel/process.ts';
import { liveEntries } from '../../../linux/conntrack/table.ts';
import { bind, closeSocket, openSocket, sendTo } from '../../../linux/socket/index.ts';
import { buildScene } from '../../../scene/build.ts';
import { must } from '../../../test/kube-proxy/harness.ts';
import { service, slice } from '../../../test/kube-proxy/objects.ts';

const CONNECTIONS = 10_000;

/** Sends one datagram from each of so many ports to a Service, and tells how many went to which endpoint. */
function spread(machine: Machine, ip: string, port: number): Map<string, number> {
  const { world } = machine;
  const host = world.hosts.get('node-1');
  const ns = host && world.netns.get(host.rootNs);
  if (!host || !ns) throw new Error('no node');
  machine.spawn({
    host,
    argv: ['sender'],
    *main(proc): Program {
      for (let i = 0; i < CONNECTIONS; i++) {
        const socket = openSocket(proc, 'udp');
        bind(world, socket, { ip: 0, port: 20_000 + i });
        sendTo(world, socket, { ip: parseIp4(ip) as number, port }, 'x');
        closeSocket(world, socket);
        proc.atExit.length = 0;
        if (i % 100 === 99) yield { op: 'sleep', us: 1 };
      }
      return 0;
    },
  });
  must(machine, 'sleep 2');
  const counts = new Map<string, number>();
  for (const { orig, reply } of liveEntries(world, ns)) {
    if (formatIp(orig.dst) !== ip) continue;
    const to = formatIp(reply.src);
    counts.set(to, (counts.get(to) ?? 0) + 1);
  }
  return counts;
}

it.each([2, 3, 7])('spreads 10,000 connections over %i endpoints within three standard deviations', (n) => {
  const machine = buildScene('kube-proxy-iptables', n);
  const endpoints = Array.from({ length: n }, (_, i) => ({ ip: `10.244.0.${i + 10}`, node: 'node-1' }));
  must(
    machine,
    `kubectl apply -f - <<'EOF'\n${service({ name: 'u', ip: '10.96.0.53', ports: [['dns', 53, 'UDP']] })}\n---\n${slice('u', [['dns', 53, 'UDP']], endpoints)}\nEOF`,
  );
  must(machine, 'sleep 3');
  const counts = spread(machine, '10.96.0.53', 53);
  expect([...counts.keys()].sort()).toEqual(endpoints.map((e) => e.ip).sort());
  const p = 1 / n;
  const deviation = Math.sqrt(CONNECTIONS * p * (1 - p));
  expect([...counts.values()].reduce((sum, k) => sum + k, 0)).toBe(CONNECTIONS);
  for (const k of counts.values()) expect(Math.abs(k - CONNECTIONS * p)).toBeLessThan(3 * deviation);
});
