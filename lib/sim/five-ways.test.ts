import { describe, expect, it } from 'vitest';
import './commands/load.ts';
import { parseProtocol, probe } from './probe.ts';
import { runStep } from './run-steps.ts';
import { buildScene } from './scene/build.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'two' },
  spec: {
    nodeName: 'node1',
    containers: [
      { name: 'client', image: 'nicolaka/netshoot:v0.14' },
      {
        name: 'server',
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['netexec', '--http-port=80', '--sctp-port=82'],
      },
    ],
  },
};

describe('five kinds of communication', () => {
  const machine = buildScene('flannel-vxlan', 11);
  runStep(machine, { cmd: 'kubectl apply -f - && sleep 4', stdin: JSON.stringify(POD) });
  const trace = (from: string, to: string, port: string) => {
    // What is left of the flow before is gone by now.
    runStep(machine, { cmd: 'sleep 2' });
    const protocol = parseProtocol(port);
    const result = protocol && probe(machine, from, to, protocol);
    if (!result || 'error' in result) throw new Error(result?.error ?? port);
    const { reached, events } = result;
    const steps = events.map((e) => e.kind);
    const nats = events.flatMap((e) => (e.kind === 'nat' ? [`${e.host} ${e.manip} ${e.after}`] : []));
    const devs = [...new Set(events.flatMap((e) => (e.kind === 'tx' ? [`${e.ns} ${e.dev}`] : [])))];
    return { reached, steps, nats, devs, hosts: [...new Set(events.map((e) => e.host))] };
  };

  it('container to container: by the loopback device of their Pod', () => {
    const { reached, devs, hosts } = trace('default/two', '127.0.0.1', 'TCP/80');
    expect({ reached, devs, hosts }).toEqual({ reached: true, devs: ['pod default/two lo'], hosts: ['node1'] });
  });

  it('Pod to Pod on a node: over the bridge, untouched', () => {
    const { reached, steps, nats, hosts } = trace('default/pod-a', 'default/two', 'TCP/80');
    expect({ reached, nats, hosts }).toEqual({ reached: true, nats: [], hosts: ['node1'] });
    expect(steps).toContain('bridge');
    expect(steps).not.toContain('encap');
  });

  it('Pod to Pod across nodes: in VXLAN, addresses as they were', () => {
    const { reached, steps, nats, hosts } = trace('default/pod-c', 'default/two', 'SCTP/82');
    expect({ reached, nats }).toEqual({ reached: true, nats: [] });
    expect(hosts.sort()).toEqual(['node1', 'node2']);
    expect(steps.filter((s) => s === 'encap').length).toBe(steps.filter((s) => s === 'decap').length);
    expect(steps).toContain('decap');
  });

  it('Pod to Service: the node of the client translates the destination', () => {
    const { reached, nats } = trace('default/pod-a', 'default/web', 'TCP/80');
    expect(reached).toBe(true);
    expect(nats[0]).toMatch(/^node1 DNAT 10\.244\.1\.5:\d+ -> 10\.244\.\d\.\d+:8080$/);
    expect(nats.some((n) => n.startsWith('node1 un-DNAT '))).toBe(true);
  });

  it('outside to a NodePort: the node translates both sides, and the answer comes back through it', () => {
    for (const node of ['192.168.56.11', '192.168.56.12']) {
      const { reached, nats } = trace('gateway', node, 'TCP/30080');
      const host = node.endsWith('11') ? 'node1' : 'node2';
      expect(reached).toBe(true);
      expect(nats[0]).toMatch(new RegExp(`^${host} DNAT 192\\.168\\.56\\.1:\\d+ -> 10\\.244\\.\\d\\.\\d+:8080$`));
      expect(nats.some((n) => n.startsWith(`${host} SNAT `))).toBe(true);
    }
  });
});
