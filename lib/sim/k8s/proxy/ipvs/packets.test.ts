import { beforeAll, describe, expect, it } from 'vitest';
import { parseIp } from '../../../addr/ip.ts';
import { sleep } from '../../../commands/io.ts';
import type { Proc, Program } from '../../../kernel/process.ts';
import type { Host } from '../../../kernel/world.ts';
import { closeSocket, connect, openSocket } from '../../../linux/socket/index.ts';
import type { NetNs } from '../../../linux/types.ts';
import { drain } from '../../../run-steps.ts';
import { type Answer, Cluster, type From } from '../../../test/kube-proxy/cluster.ts';

/** So many connections from a Pod of the first node, begun and ended one after the other; old ones may end meanwhile. */
function connectOften({ machine }: Cluster, pod: string, to: string, times: number): void {
  const { world } = machine;
  const holds = (ns: NetNs) => [...ns.links.values()].some((l) => l.addrs.some((a) => a.local === parseIp(pod)));
  const netns = [...world.netns.values()].find(holds);
  const addr = { ip: parseIp(to) ?? 0, port: 80 };
  const main = function* (proc: Proc): Program {
    for (let i = 1; i <= times; i++) {
      const socket = openSocket(proc, 'tcp');
      if ((yield* connect(proc, socket, addr)) !== null) return 1;
      closeSocket(proc.world, socket);
      if (i % 500 === 0) yield* sleep(61_000_000);
    }
    return 0;
  };
  const proc = machine.spawn({ host: world.hosts.get('node1') as Host, netns, argv: ['client'], main });
  const bounds = { maxTime: 6_000_000_000, maxSteps: 2_000_000, maxOutput: 1 };
  expect([drain(machine, proc as Proc, bounds), proc?.status]).toEqual([null, 0]);
}

/** Questions to a Service, answered with the address of the Pod that took them in place of its name. */
function asking(cluster: Cluster) {
  const listed = cluster.on(
    'control-plane',
    'kubectl get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP --no-headers',
  );
  const ips = new Map(listed.split('\n').map((line) => line.trim().split(/ +/) as [string, string]));
  const ask = (from: From, at: string, times: number): Answer[] =>
    cluster.ask(from, `http://${at}/`, times).map((a) => ({ ...a, pod: ips.get(a.pod) ?? a.pod }));
  return {
    get: (from: From, at: string): Answer | undefined => ask(from, at, 1)[0],
    turns: (from: From, at: string, times: number): string[] => ask(from, at, times).map((a) => a.pod),
  };
}

/** Cluster IP of a Service. */
const ipOf = (cluster: Cluster, name: string): string =>
  cluster.on('control-plane', `kubectl get svc ${name} -o jsonpath={.spec.clusterIP}`);

const service = (name: string, spec: string, port = '{port: 80, targetPort: 8080}'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec:\n  selector: {app: web}\n  ports: [${port}]\n${spec}\n---\n`;

const REFUSED = { pod: 'exit 7', source: '' };
const LOST = { pod: 'exit 28', source: '' };
/** The endpoints of `web`, in the order in which they take turns. */
const TURNS = ['10.244.2.4', '10.244.2.3', '10.244.1.4', '10.244.1.3'];
const HERE = ['10.244.1.3', '10.244.1.4'];

describe('Services of every type, by packets in IPVS mode', () => {
  const cluster = new Cluster('ipvs');
  const { get, turns } = asking(cluster);
  beforeAll(() => {
    cluster.apply(
      service(
        'local',
        '  type: NodePort\n  externalTrafficPolicy: Local',
        '{port: 80, targetPort: 8080, nodePort: 30090}',
      ) +
        service('inner', '  internalTrafficPolicy: Local') +
        service('sticky', '  sessionAffinity: ClientIP') +
        service('ext', '  externalIPs: ["198.51.100.7"]') +
        service('ext-local', '  externalIPs: ["198.51.100.8"]\n  externalTrafficPolicy: Local') +
        service('lb', '  type: LoadBalancer\n  loadBalancerSourceRanges: ["192.168.56.1/32"]') +
        service('lb-nodes', '  type: LoadBalancer\n  loadBalancerSourceRanges: ["192.168.56.0/24"]') +
        service('lb-local', '  type: LoadBalancer\n  externalTrafficPolicy: Local') +
        'apiVersion: v1\nkind: Service\nmetadata: {name: nobody}\nspec:\n  selector: {app: none}\n  ports: [{port: 80}]\n',
    );
    for (const [name, ip] of [
      ['lb', '203.0.113.10'],
      ['lb-nodes', '203.0.113.11'],
      ['lb-local', '203.0.113.12'],
    ])
      cluster.from(
        'control-plane',
        `kubectl patch svc ${name} --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"${ip}"}]}}}'`,
      );
    cluster.from(
      'gateway',
      'ip route add 203.0.113.0/24 via 192.168.56.11; ip route add 198.51.100.0/24 via 192.168.56.11; sleep 3',
    );
  });

  it('takes exact turns at a ClusterIP, and shows the Pod who asks', () => {
    const ip = ipOf(cluster, 'web');
    expect(turns('pod-a', ip, 8)).toEqual([...TURNS, ...TURNS]);
    expect(get('pod-a', ip)).toEqual({ pod: TURNS[0], source: '10.244.1.5' });
    expect(get('node1', ip)).toEqual({ pod: TURNS[1], source: '10.244.1.0' });
    expect(get('control-plane', ip)).toEqual({ pod: TURNS[0], source: '10.244.0.0' });
  });

  it('reaches a node port from outside, from other nodes and from Pods, but not at a loopback address', () => {
    expect(turns('gateway', '192.168.56.11:30080', 4)).toEqual(TURNS);
    expect(get('gateway', '192.168.56.10:30080')).toEqual({ pod: TURNS[0], source: '10.244.0.0' });
    expect(turns('node2', '192.168.56.11:30080', 1)).toEqual([TURNS[0]]);
    expect(turns('node1', '192.168.56.11:30080', 1)).toEqual([TURNS[1]]);
    expect(turns('pod-a', '192.168.56.11:30080', 1)).toEqual([TURNS[2]]);
    expect(turns('pod-c', '192.168.56.11:30080', 1)).toEqual([TURNS[3]]);
    expect(get('node1', '127.0.0.1:30080')).toEqual(REFUSED);
  });

  it('keeps the source address and the node under the external Local policy', () => {
    const answers = [1, 2, 3].map(() => get('gateway', '192.168.56.11:30090'));
    expect(answers).toEqual([
      { pod: HERE[1], source: '192.168.56.1' },
      { pod: HERE[0], source: '192.168.56.1' },
      { pod: HERE[1], source: '192.168.56.1' },
    ]);
    // With no endpoint of its own a node uses all; flannel then masquerades what comes from outside.
    expect(get('control-plane', '192.168.56.10:30090')).toEqual({ pod: TURNS[0], source: '10.244.0.0' });
    expect(get('gateway', '192.168.56.10:30090')).toEqual({ pod: TURNS[1], source: '10.244.0.0' });
    expect(turns('pod-a', ipOf(cluster, 'local'), 4)).toEqual(TURNS);
  });

  it('stays on the node under the internal Local policy', () => {
    const ip = ipOf(cluster, 'inner');
    expect(turns('pod-a', ip, 3)).toEqual([HERE[1], HERE[0], HERE[1]]);
    expect(turns('pod-c', ip, 2)).toEqual(['10.244.2.4', '10.244.2.3']);
    expect(get('control-plane', ip)).toEqual(REFUSED);
  });

  it('reaches an external IP from outside, from nodes and from Pods', () => {
    expect(get('gateway', '198.51.100.7')).toEqual({ pod: TURNS[0], source: '10.244.1.0' });
    expect(turns('node1', '198.51.100.7', 1)).toEqual([TURNS[1]]);
    expect(turns('pod-a', '198.51.100.7', 1)).toEqual([TURNS[2]]);
    expect(turns('node2', '198.51.100.7', 1)).toEqual([TURNS[0]]);
    expect(get('gateway', '198.51.100.8')).toEqual({ pod: HERE[1], source: '192.168.56.1' });
    expect(turns('control-plane', '198.51.100.8', 1)).toEqual([TURNS[0]]);
  });

  it('lets only the source ranges use a load balancer', () => {
    expect(turns('gateway', '203.0.113.10', 2)).toEqual([TURNS[0], TURNS[1]]);
    expect(get('pod-a', '203.0.113.10')).toEqual(LOST);
    expect(get('node1', '203.0.113.10')).toEqual(LOST);
    expect(get('node2', '203.0.113.10')).toEqual(LOST);
    expect(turns('gateway', '203.0.113.11', 1)).toEqual([TURNS[0]]);
    expect(turns('node1', '203.0.113.11', 1)).toEqual([TURNS[1]]);
    expect(get('pod-a', '203.0.113.11')).toEqual(LOST);
    expect(get('gateway', '203.0.113.12')).toEqual({ pod: HERE[1], source: '192.168.56.1' });
    expect(turns('control-plane', '203.0.113.12', 1)).toEqual([TURNS[0]]);
  });

  it('refuses where nobody serves, and what is no port of the Service', () => {
    for (const from of ['pod-a', 'node1'] as const) expect(get(from, ipOf(cluster, 'nobody'))).toEqual(REFUSED);
    expect(get('pod-a', `${ipOf(cluster, 'web')}:81`)).toEqual(REFUSED);
    expect(get('gateway', '203.0.113.10:81')).toEqual(REFUSED);
    expect(cluster.from('pod-a', `ping -c1 -W1 ${ipOf(cluster, 'web')}; true`)).toContain(
      'Destination Port Unreachable',
    );
  });

  it('keeps a client at its endpoint with session affinity', () => {
    const ip = ipOf(cluster, 'sticky');
    expect(turns('pod-a', ip, 3)).toEqual([TURNS[0], TURNS[0], TURNS[0]]);
    expect(turns('pod-b', ip, 3)).toEqual([TURNS[1], TURNS[1], TURNS[1]]);
    expect(turns('pod-a', ip, 1)).toEqual([TURNS[0]]);
  });

  it('resolves names over UDP', () => {
    expect(cluster.from('pod-a', 'nslookup web.default.svc.cluster.local')).toContain(
      `Address: ${ipOf(cluster, 'web')}`,
    );
  });

  it('takes exact turns over 10,000 connections', () => {
    cluster.apply(service('many', ''));
    const ip = ipOf(cluster, 'many');
    connectOften(cluster, '10.244.1.5', ip, 10_000);
    cluster.from('node1', 'sleep 3');
    const conns = cluster
      .from('node1', `ipvsadm -Ln --stats --exact -t ${ip}:80`)
      .split('\n')
      .filter((line) => line.includes(':8080'))
      .map((line) => line.trim().split(/ +/)[2]);
    expect(conns).toEqual(['2500', '2500', '2500', '2500']);
  }, 120_000);
});

describe('Pods that serve themselves, and Pods that leave', () => {
  const cluster = new Cluster('ipvs');
  const { get } = asking(cluster);
  cluster.apply(
    'apiVersion: v1\nkind: Service\nmetadata: {name: hair}\nspec:\n  selector: {hair: "yes"}\n  ports: [{port: 90, targetPort: 9000}]\n',
  );
  const label = (pod: string, value: string) =>
    cluster.from('control-plane', `kubectl label pod ${pod} hair${value}; sleep 3`);
  const servers = () =>
    cluster
      .from('node1', `ipvsadm -Ln -t ${ipOf(cluster, 'hair')}:90`)
      .split('\n')
      .filter((line) => line.includes(':9000'))
      .map((line) => line.trim().split(/ +/).slice(1).join(' '));

  it('reaches itself through its own Service, and sees the node', () => {
    label('pod-a', '=yes');
    cluster.from('pod-a', 'ncat -lk -p 9000 --sh-exec "echo hello \\$NCAT_REMOTE_ADDR" >/dev/null 2>&1 &');
    expect(cluster.from('pod-a', `nc -w2 ${ipOf(cluster, 'hair')} 90`)).toBe('hello 10.244.1.1\n');
    expect(cluster.from('pod-b', `nc -w2 ${ipOf(cluster, 'hair')} 90`)).toBe('hello 10.244.1.6\n');
  });

  it('lets connections end before a real server goes', () => {
    cluster.from('pod-b', 'ncat -lk -p 9000 --sh-exec cat >/dev/null 2>&1 &');
    label('pod-a', '-');
    label('pod-b', '=yes');
    cluster.from('node1', 'sleep 200');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 1 0 0']);
    cluster.from('pod-a', `(sleep 30; echo bye) | nc -N ${ipOf(cluster, 'hair')} 90 >/dev/null 2>&1 &`);
    cluster.from('node1', 'sleep 1');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 1 1 0']);
    label('pod-b', '-');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 0 1 0']);
    expect(get('pod-a', `${ipOf(cluster, 'hair')}:90`)).toEqual(REFUSED);
    cluster.from('node1', 'sleep 60');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 0 0 1']);
    cluster.from('node1', 'sleep 200');
    expect(servers()).toEqual([]);
  });
});
