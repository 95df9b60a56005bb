import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../kernel/machine.ts';
import { type ProbeResult, probe } from '../../../probe.ts';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { must } from '../../../test/kube-proxy/harness.ts';

/** Changes the mode as an administrator does it: the ConfigMap, then new Pods of the DaemonSet. */
function switchTo(machine: Machine, mode: string): void {
  must(
    machine,
    `kubectl -n kube-system get configmap kube-proxy -o yaml | sed 's/mode: .*/mode: ${mode}/' | kubectl apply -f -`,
  );
  must(machine, 'kubectl -n kube-system delete pod -l k8s-app=kube-proxy; sleep 20');
}

const tables = (machine: Machine, host: string): string => runStep(machine, { host, cmd: 'nft list tables' }).stdout;
const reached = (machine: Machine, from: string, to: string): boolean =>
  (probe(machine, from, to, { name: 'TCP', port: 80 }) as ProbeResult).reached;

describe('a cluster in nftables mode', () => {
  const machine = buildScene('flannel-vxlan', 1);
  switchTo(machine, 'nftables');
  const nodes = ['control-plane', 'node1', 'node2'];

  it.each(nodes)('has its table on %s, and nothing of iptables mode', (host) => {
    expect(tables(machine, host)).toContain('table ip kube-proxy');
    expect(runStep(machine, { host, cmd: 'iptables-save' }).stdout).not.toMatch(/KUBE-(?:SVC|SERVICES|SEP)/);
  });

  it('reaches a Service from Pods of each node, from the nodes and by name', () => {
    for (const from of ['default/pod-a', 'default/pod-c', ...nodes])
      expect(reached(machine, from, '10.96.10.10')).toBe(true);
    expect(must(machine, 'kubectl exec pod-a -- nslookup web')).toContain('10.96.10.10');
  });

  it('goes back to iptables without a trace', () => {
    switchTo(machine, 'iptables');
    for (const host of nodes) expect(tables(machine, host)).not.toContain('kube-proxy');
    expect(reached(machine, 'default/pod-a', '10.96.10.10')).toBe(true);
  });
});
