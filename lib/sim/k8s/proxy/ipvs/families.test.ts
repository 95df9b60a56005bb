import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../kernel/machine.ts';
import { runStep } from '../../../run-steps.ts';
import { applied } from '../../../test/kube-proxy/harness.ts';

const slice = (family: 'IPv4' | 'IPv6', address: string): string => `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-${family.toLowerCase()}, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: ${family}
endpoints: [{addresses: ["${address}"], conditions: {ready: true}}]
ports: [{name: http, port: 8080, protocol: TCP}]`;

const MANIFESTS = `
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: ipvs
    clusterCIDR: 10.244.0.0/16,fd00:244::/48
    nodePortAddresses: ["172.18.0.0/16", "fd00::/64"]
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
status:
  addresses: [{type: InternalIP, address: "172.18.0.2"}, {type: InternalIP, address: "fd00::2"}]
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: six}
spec: {cidrs: ["fd00:96::/112"]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: NodePort
  clusterIP: 10.96.10.1
  clusterIPs: ["10.96.10.1", "fd00:96::1"]
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: RequireDualStack
  ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]${slice('IPv4', '172.18.0.1')}${slice('IPv6', 'fd00::1')}`;

describe('a Service of both families', () => {
  const machine: Machine = applied({ mode: 'ipvs', manifests: MANIFESTS, after_apply: [] });
  const run = (cmd: string, host?: string) => {
    const { stdout, stderr } = runStep(machine, { cmd, host });
    return stdout + stderr;
  };
  run(
    'ncat -lk -p 8080 --sh-exec "echo \\$NCAT_REMOTE_ADDR" >/dev/null 2>&1 & ip route add 10.96.0.0/16 via 172.18.0.2; ip -6 route add fd00:96::/64 via fd00::2',
    'gateway',
  );

  it('is told of in the log: the scheduler of each family, and names that are cut', () => {
    const log = run('journalctl -u kube-proxy --no-pager');
    expect(log.match(/"IPVS scheduler not specified, use rr by default" ipFamily="IPv[46]"/g)).toHaveLength(2);
    expect(log).toContain(
      'ipSetName="KUBE-6-LOAD-BALANCER-SOURCE-CIDR" truncatedName="KUBE-6-LOAD-BALANCER-SOURCE-CID"',
    );
  });

  it('has its addresses on the device that is down, and they are local', () => {
    expect(run('ip -o addr show kube-ipvs0')).toMatch(
      /inet 10\.96\.10\.1\/32 scope global.*\n.*inet6 fd00:96::1\/128 scope global/,
    );
    expect(run('ip -6 route show table local dev kube-ipvs0')).toBe(
      'local fd00:96::1 proto kernel metric 0 pref medium\n',
    );
    expect(run('ip -6 route show dev kube-ipvs0')).toBe('');
  });

  it.each([
    ['10.96.10.1 80', '172.18.0.2'],
    ['172.18.0.2 30080', '172.18.0.2'],
    ['fd00:96::1 80', 'fd00::2'],
    ['fd00::2 30080', 'fd00::2'],
  ])('is reached at %s from the node and from outside', (at, seen) => {
    for (const from of [undefined, 'gateway']) expect(run(`nc -w2 ${at}`, from)).toBe(`${seen}\n`);
  });

  it('refuses what is no port of it', () => {
    for (const ip of ['10.96.10.1', 'fd00:96::1'])
      for (const from of [undefined, 'gateway']) {
        expect(run(`nc -w2 -zv ${ip} 81`, from)).toContain('Connection refused');
        expect(run(`sleep 3; ping -c1 -W1 ${ip}`, from)).toMatch(/Port [Uu]nreachable/);
      }
  });

  it('moves from one address to another', () => {
    run(`kubectl patch endpointslice web-ipv6 --type=merge -p '{"endpoints":[]}'; sleep 3`);
    expect(run('nc -w2 -zv fd00:96::1 80')).toContain('Connection refused');
    expect(run('nc -w2 10.96.10.1 80')).toBe('172.18.0.2\n');
  });
});
