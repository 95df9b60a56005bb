import { beforeAll, describe, expect, it } from 'vitest';
import { Cluster, podsOf, sourcesOf } from '../../../test/kube-proxy/cluster.ts';
import { service as plain, slice } from '../../../test/kube-proxy/objects.ts';

const service = (
  name: string,
  ip: string,
  spec: Record<string, unknown>,
  nodePort?: number,
  namespace = 'default',
): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      clusterIP: ip,
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, ...(nodePort ? { nodePort } : {}) }],
      ...spec,
    },
  });
const MANY = 48;

describe('packets through the rules of iptables mode', () => {
  const cluster = new Cluster('iptables');
  let all: string[] = [];
  let here: string[] = [];

  beforeAll(() => {
    all = cluster.pods();
    here = cluster.pods('node1');
    cluster.apply(
      service('local-in', '10.96.20.1', { internalTrafficPolicy: 'Local' }),
      service('np', '10.96.20.2', { type: 'NodePort' }, 30101),
      service('np-local', '10.96.20.3', { type: 'NodePort', externalTrafficPolicy: 'Local' }, 30102),
      service('lb', '10.96.20.4', { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.168.56.1/32'] }, 30103),
      service(
        'lb-local',
        '10.96.20.5',
        { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31104 },
        30104,
      ),
      service('ext', '10.96.20.6', { externalIPs: ['198.51.100.6'] }),
      service('sticky', '10.96.20.7', { sessionAffinity: 'ClientIP' }),
      service('nobody', '10.96.20.8', { type: 'NodePort', selector: { app: 'none' } }, 30108),
      service(
        'dns-out',
        '10.96.20.9',
        {
          type: 'NodePort',
          selector: { 'k8s-app': 'kube-dns' },
          ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53, nodePort: 30053 }],
        },
        0,
        'kube-system',
      ),
      service(
        'only-c',
        '10.96.20.10',
        { type: 'NodePort', externalTrafficPolicy: 'Local', selector: { app: 'echo-c' } },
        30110,
      ),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'echo-c', labels: { app: 'echo-c' } },
        spec: { nodeName: 'node2', containers: [{ name: 'c', image: 'hashicorp/http-echo:1.0' }] },
      }),
    );
    for (const [name, ip] of [
      ['lb', '203.0.113.4'],
      ['lb-local', '203.0.113.5'],
    ])
      cluster.on(
        'control-plane',
        `kubectl patch service ${name} --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"${ip}"}]}}}'`,
      );
    cluster.on('control-plane', 'sleep 3');
    // What a router outside knows: these addresses are behind node1.
    cluster.on(
      'gateway',
      'ip route add 203.0.113.0/24 via 192.168.56.11; ip route add 198.51.100.0/24 via 192.168.56.11; ip route add 10.96.0.0/12 via 192.168.56.11',
    );
    // The gateway is the nodes' own way out, too: redirects to it would use up what ICMP errors it may get.
    cluster.on('node1', 'sysctl -q -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0');
    cluster.on('gateway', 'ip addr add 192.168.56.99/24 dev eth0');
  }, 60_000);

  it('ClusterIP: every endpoint, with the source of Pods kept and that of others masked', () => {
    for (const from of ['pod-a', 'node1', 'gateway'] as const) {
      const answers = cluster.ask(from, 'http://10.96.10.10/', MANY);
      expect(podsOf(answers)).toEqual(all);
      const outside = sourcesOf(answers).filter((ip) => ip !== '10.244.1.5');
      if (from === 'pod-a') expect(outside).toEqual([]);
      else expect(outside).toEqual(['10.244.1.0', '10.244.1.1']);
    }
  });

  it('internalTrafficPolicy Local: endpoints of the same node', () => {
    expect(podsOf(cluster.ask('pod-a', 'http://10.96.20.1/', MANY))).toEqual(here);
    expect(podsOf(cluster.ask('node1', 'http://10.96.20.1/', MANY))).toEqual(here);
    expect(podsOf(cluster.ask('pod-c', 'http://10.96.20.1/', MANY))).toEqual(cluster.pods('node2'));
  });

  it('NodePort: any endpoint through any node, by loopback too', () => {
    for (const url of ['http://192.168.56.11:30101/', 'http://192.168.56.12:30101/'])
      for (const from of ['pod-a', 'node1', 'gateway'] as const)
        expect(podsOf(cluster.ask(from, url, MANY))).toEqual(all);
    expect(podsOf(cluster.ask('node1', 'http://127.0.0.1:30101/', MANY))).toEqual(all);
    expect(sourcesOf(cluster.ask('gateway', 'http://192.168.56.11:30101/', MANY))).toEqual([
      '10.244.1.0',
      '10.244.1.1',
    ]);
  });

  it("NodePort with externalTrafficPolicy Local: outside this node's, with the client's address; inside all", () => {
    const outside = cluster.ask('gateway', 'http://192.168.56.11:30102/', MANY);
    expect(podsOf(outside)).toEqual(here);
    expect(sourcesOf(outside)).toEqual(['192.168.56.1']);
    expect(podsOf(cluster.ask('pod-a', 'http://192.168.56.11:30102/', MANY))).toEqual(all);
    expect(podsOf(cluster.ask('node1', 'http://192.168.56.11:30102/', MANY))).toEqual(all);
    // Nobody on node1: silence from outside, service from inside.
    expect(podsOf(cluster.ask('gateway', 'http://192.168.56.11:30110/'))).toEqual(['exit 28']);
    expect(podsOf(cluster.ask('gateway', 'http://192.168.56.12:30110/'))).toEqual(['echo-c']);
    expect(podsOf(cluster.ask('pod-a', 'http://192.168.56.11:30110/'))).toEqual(['echo-c']);
  });

  it('LoadBalancer: its address within the source ranges, its node port for all', () => {
    expect(podsOf(cluster.ask('gateway', 'http://203.0.113.4/', MANY))).toEqual(all);
    expect(podsOf(cluster.ask('gateway', '--interface 192.168.56.99 http://203.0.113.4/'))).toEqual(['exit 28']);
    expect(podsOf(cluster.ask('pod-a', 'http://203.0.113.4/'))).toEqual(['exit 28']);
    expect(podsOf(cluster.ask('gateway', '--interface 192.168.56.99 http://192.168.56.11:30103/', MANY))).toEqual(all);
    const local = cluster.ask('gateway', 'http://203.0.113.5/', MANY);
    expect([podsOf(local), sourcesOf(local)]).toEqual([here, ['192.168.56.1']]);
    expect(podsOf(cluster.ask('pod-c', 'http://203.0.113.5/', MANY))).toEqual(all);
    expect(cluster.on('gateway', 'curl -s http://192.168.56.11:31104/')).toContain('"localEndpoints": 2,');
    expect(cluster.on('gateway', 'curl -s -o /dev/null -w %{http_code} http://192.168.56.10:31104/')).toBe('503');
  });

  it('externalIPs: from outside, from a Pod, from a node', () => {
    for (const from of ['gateway', 'pod-a', 'node2'] as const)
      expect(podsOf(cluster.ask(from, 'http://198.51.100.6/', MANY))).toEqual(all);
  });

  it('session affinity: a client stays with its endpoint, others have their own', () => {
    for (const from of ['pod-a', 'pod-c', 'node1', 'gateway'] as const)
      expect(podsOf(cluster.ask(from, 'http://10.96.20.7/', MANY))).toHaveLength(1);
  });

  it('no endpoints: refused at once, at every address', () => {
    for (const from of ['pod-a', 'node1', 'gateway'] as const)
      for (const url of ['http://10.96.20.8/', 'http://192.168.56.11:30108/'])
        expect(podsOf(cluster.ask(from, url))).toEqual(['exit 7']);
  });

  it('hairpin: a Pod reaches itself through its Service, from the address of its bridge', () => {
    cluster.apply(
      service('mine', '10.96.20.11', {
        selector: { app: 'pod-b' },
        ports: [{ port: 80, targetPort: 9000, protocol: 'TCP' }],
      }),
    );
    const serve = 'ncat -lk -p 9000 --sh-exec "echo you are \\$NCAT_REMOTE_ADDR"';
    const ask = (host: string) => `timeout 3 ncat --recv-only ${host} 80`;
    const text = cluster.on(
      'control-plane',
      `kubectl exec pod-b -- sh -c '${serve} & sleep 1; ${ask('10.96.20.11')}'; kubectl exec pod-a -- sh -c '${ask('10.96.20.11')}'`,
    );
    expect(text).toBe('you are 10.244.1.1\nyou are 10.244.1.5\n');
  });

  it('UDP: DNS through the cluster IP and a node port, from Pod, node and outside', () => {
    const ask = (at: string) => `dig +short +time=2 +tries=1 ${at} kubernetes.default.svc.cluster.local`;
    for (const at of ['@10.96.0.10', '@10.96.20.9', '@192.168.56.11 -p 30053', '@192.168.56.12 -p 30053']) {
      expect(cluster.on('node1', ask(at))).toBe('10.96.0.1\n');
      expect(cluster.on('gateway', ask(at))).toBe('10.96.0.1\n');
      expect(cluster.on('control-plane', `kubectl exec pod-a -- ${ask(at)}`)).toBe('10.96.0.1\n');
    }
  });

  it('terminating endpoints serve while none is ready; hints keep traffic in the zone', () => {
    const at = new Map(
      cluster
        .on(
          'control-plane',
          'kubectl get pods -l app=web --no-headers -o custom-columns=N:.metadata.name,I:.status.podIP,H:.spec.nodeName',
        )
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(/ +/) as [string, string, string])
        .map(([name, ip, node]) => [name, { ip, node }] as const),
    );
    const [one, two] = here.map((name) => ({ name, ip: at.get(name)?.ip ?? '' })) as [
      { name: string; ip: string },
      { name: string; ip: string },
    ];
    const ports = [['http', 8080]] as const;
    const going = { ready: false, serving: true, terminating: true };
    cluster.apply(
      plain({ name: 'going', ip: '10.96.20.21', ports: [['http', 80, 'TCP', 8080]] }),
      slice('going', ports, [
        { ip: one.ip, node: 'node1', ...going },
        { ip: two.ip, node: 'node1', ready: false },
      ]),
      plain({ name: 'near', ip: '10.96.20.22', ports: [['http', 80, 'TCP', 8080]] }),
      slice(
        'near',
        ports,
        [...at.values()].map(({ ip, node }) => ({ ip, node, zones: [node === 'node1' ? 'west' : 'east'] })),
      ),
    );
    expect(podsOf(cluster.ask('pod-a', 'http://10.96.20.21/', 8))).toEqual([one.name]);
    // No node is in a zone yet.
    expect(podsOf(cluster.ask('pod-a', 'http://10.96.20.22/', MANY))).toEqual(all);
    cluster.on(
      'control-plane',
      'kubectl label node node1 topology.kubernetes.io/zone=west; kubectl label node node2 topology.kubernetes.io/zone=east; sleep 3',
    );
    expect(podsOf(cluster.ask('pod-a', 'http://10.96.20.22/', MANY))).toEqual(here);
    expect(podsOf(cluster.ask('pod-c', 'http://10.96.20.22/', MANY))).toEqual(cluster.pods('node2'));
    cluster.apply(
      slice('going', ports, [
        { ip: one.ip, node: 'node1', ...going },
        { ip: two.ip, node: 'node1' },
      ]),
    );
    expect(podsOf(cluster.ask('pod-a', 'http://10.96.20.21/', 8))).toEqual([two.name]);
  });
});
