import { describe, expect, it } from 'vitest';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { must } from '../../../test/kube-proxy/harness.ts';

const POD = `ip netns add p; ip link add vp type veth peer name eth0 netns p; ip link set vp up
ip -n p link set lo up; ip -n p link set eth0 up
ip addr add 10.244.0.1/32 dev vp; ip route add 10.244.0.11 dev vp
ip -n p addr add 10.244.0.11/32 dev eth0; ip -n p route add 10.244.0.1 dev eth0; ip -n p route add default via 10.244.0.1
ip -6 addr add fd00:10:244::1/128 dev vp nodad; ip -6 route add fd00:10:244::11 dev vp
ip -n p -6 addr add fd00:10:244::11/128 dev eth0 nodad; ip -n p -6 route add fd00:10:244::1 dev eth0
ip -n p -6 route add default via fd00:10:244::1
ip netns exec p nc -6 -lk -p 8080 >/dev/null 2>&1 &
ip netns exec p nc -4 -lku -p 5353 >/dev/null 2>&1 &
sleep 3`;

const MANIFESTS = `apiVersion: v1
kind: Node
metadata: {name: node-1}
spec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24, "fd00:10:244::/64"]}
status: {addresses: [{type: InternalIP, address: 172.18.0.2}, {type: InternalIP, address: "fd00:18::2"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: nftables
    clusterCIDR: 10.244.0.0/16,fd00:10:244::/56
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.96.0.0/16, "fd00:10:96::/112"]}
---
apiVersion: v1
kind: Service
metadata: {name: six, namespace: default}
spec:
  type: NodePort
  ipFamilyPolicy: SingleStack
  ipFamilies: [IPv6]
  clusterIP: "fd00:10:96::6"
  clusterIPs: ["fd00:10:96::6"]
  ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30061}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: six-x, namespace: default, labels: {kubernetes.io/service-name: six}}
addressType: IPv6
endpoints: [{addresses: ["fd00:10:244::11"], conditions: {ready: true}, nodeName: node-1}]
ports: [{name: http, port: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: names, namespace: default}
spec:
  clusterIP: 10.96.4.1
  ports: [{name: dns, port: 53, protocol: UDP, targetPort: 5353}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: names-x, namespace: default, labels: {kubernetes.io/service-name: names}}
addressType: IPv4
endpoints: [{addresses: [10.244.0.11], conditions: {ready: true}, nodeName: node-1}]
ports: [{name: dns, port: 5353, protocol: UDP}]`;

describe('kube-proxy in nftables mode, of two families', () => {
  const machine = buildScene('kube-proxy-nftables', 1);
  must(machine, `kubectl apply -f - <<'EOF'\n${MANIFESTS}\nEOF\nsleep 5`);
  must(machine, POD);
  const flow = (proto: string) =>
    must(machine, `conntrack -L -f ${proto === 'udp' ? 'ipv4' : 'ipv6'} -p ${proto} 2>/dev/null`);

  it('reaches an IPv6 Service from the node and from outside', () => {
    expect(must(machine, 'nc -6 -zv -w 2 fd00:10:96::6 80 2>&1')).toContain('succeeded');
    expect(flow('tcp')).toMatch(/dst=fd00:10:96::6 .* src=fd00:10:244::11 /);
    const outside = runStep(machine, { host: 'gateway', cmd: 'nc -6 -zv -w 2 fd00:18::2 30061 2>&1' });
    expect(outside.stdout).toContain('succeeded');
    const wrong = runStep(machine, { cmd: 'nc -6 -zv -w 2 fd00:10:96::6 81 2>&1' });
    expect(wrong.stdout).toContain('Connection refused');
  });

  it('lets a Pod meet itself by IPv6', () => {
    expect(must(machine, 'ip netns exec p nc -6 -zv -w 2 fd00:10:96::6 80 2>&1')).toContain('succeeded');
    expect(flow('tcp')).toMatch(/ src=fd00:10:244::11 dst=fd00:10:96::6 .* src=fd00:10:244::11 dst=fd00:10:244::1 /);
  });

  it('translates UDP, and refuses TCP at the same port', () => {
    must(machine, 'echo q | nc -u -w 1 10.96.4.1 53');
    expect(flow('udp')).toMatch(/dst=10.96.4.1 sport=\d+ dport=53 .*src=10.244.0.11 .* sport=5353 /);
    expect(runStep(machine, { cmd: 'nc -zv -w 2 10.96.4.1 53 2>&1' }).stdout).toContain('Connection refused');
  });
});
