import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../kernel/machine.ts';
import { buildScene } from '../../../scene/build.ts';
import { must } from '../../../test/kube-proxy/harness.ts';
import { serviceOf } from '../../../test/kube-proxy/services.ts';

const apply = (machine: Machine, manifests: string): string =>
  must(machine, `kubectl apply -f - <<'EOF'\n${manifests}\nEOF\nsleep 3`);

/** A command may take ten minutes. */
function wait(machine: Machine, seconds: number): void {
  for (let left = seconds; left > 0; left -= 500) must(machine, `sleep ${Math.min(left, 500)}`);
}

const config = (mode: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: ${mode}
    clusterCIDR: 10.244.0.0/16`;

const ONE = serviceOf({ name: 'one', clusterIP: '10.96.3.1', endpoints: ['10.244.0.11'] });
const TWO = serviceOf({ name: 'two', clusterIP: '10.96.3.2', endpoints: ['10.244.0.11'] });
const TABLES = 'table ip kube-proxy\ntable ip6 kube-proxy\n';

describe('kube-proxy in nftables mode', () => {
  it('has a table for each family', () => {
    const machine = buildScene('kube-proxy-nftables', 1);
    apply(machine, ONE);
    expect(must(machine, 'nft list tables')).toBe(TABLES);
    expect(must(machine, 'iptables-save')).toBe('');
  });

  it('does not notice that its table is gone until a change fails on it, and writes it anew after syncPeriod', () => {
    const machine = buildScene('kube-proxy-nftables', 1);
    apply(machine, ONE);
    must(machine, 'nft delete table ip kube-proxy; sleep 120');
    expect(must(machine, 'nft list tables')).toBe('table ip6 kube-proxy\n');
    apply(machine, TWO);
    expect(must(machine, 'nft list tables')).toBe('table ip6 kube-proxy\n');
    must(machine, 'sleep 30');
    const table = must(machine, 'nft list table ip kube-proxy');
    for (const name of ['one', 'two']) expect(table).toMatch(new RegExp(`chain service-\\w+-default/${name}/tcp/http`));
  });

  it('writes everything anew once an hour', () => {
    const machine = buildScene('kube-proxy-nftables', 1);
    apply(machine, ONE);
    must(machine, 'nft delete table ip kube-proxy');
    wait(machine, 3500);
    expect(must(machine, 'nft list tables')).toBe('table ip6 kube-proxy\n');
    must(machine, 'sleep 120');
    expect(must(machine, 'nft list table ip kube-proxy')).toContain('10.96.3.1 . tcp . 80');
  });

  it('leaves what others put into a chain of an unchanged Service, until all is written anew', () => {
    const machine = buildScene('kube-proxy-nftables', 1);
    apply(machine, ONE);
    const chain = /chain (service-\S+)/.exec(must(machine, 'nft list table ip kube-proxy'))?.[1] as string;
    must(machine, `nft insert rule ip kube-proxy ${chain} counter`);
    apply(machine, TWO);
    const counted = () => must(machine, `nft list chain ip kube-proxy ${chain}`).includes('counter packets');
    expect(counted()).toBe(true);
    wait(machine, 3600);
    expect(counted()).toBe(false);
  });

  it('goes with its tables when the mode changes, and comes back with them', () => {
    const machine = buildScene('kube-proxy-nftables', 1);
    apply(machine, `${ONE}\n---\n${config('iptables')}`);
    must(machine, 'sleep 5');
    expect(must(machine, 'nft list tables')).not.toContain('kube-proxy');
    expect(must(machine, 'iptables-save -t nat')).toContain('-A KUBE-SERVICES -d 10.96.3.1/32');
    apply(machine, config('nftables'));
    must(machine, 'sleep 5');
    expect(must(machine, 'nft list table ip kube-proxy')).toContain('10.96.3.1 . tcp . 80');
    expect(must(machine, 'iptables-save -t nat')).not.toContain('10.96.3.1');
  });
});
