import { beforeAll, describe, expect, it } from 'vitest';
import { parseIp } from '../../../addr/ip.ts';
import { sleep } from '../../../commands/io.ts';
import type { Machine } from '../../../kernel/machine.ts';
import type { Proc, Program } from '../../../kernel/process.ts';
import type { Host } from '../../../kernel/world.ts';
import { closeSocket, connect, openSocket } from '../../../linux/socket/index.ts';
import type { NetNs } from '../../../linux/types.ts';
import { drain, runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';

/** Where a request comes from: a Pod of the first node, the nodes, the machine outside. */
type From = 'pod-a' | 'pod-b' | 'pod-c' | 'control-plane' | 'node1' | 'node2' | 'gateway';

class IpvsCluster {
  private readonly machine: Machine = buildScene('flannel-vxlan', 1);

  constructor(manifests = '') {
    this.run(
      'control-plane',
      `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/mode: ""/mode: ipvs/' | kubectl apply -f -`,
    );
    this.run('control-plane', 'kubectl -n kube-system delete pod -l k8s-app=kube-proxy; sleep 5');
    if (manifests !== '') this.run('control-plane', `kubectl apply -f - <<'EOF'\n${manifests}\nEOF\nsleep 3`);
  }

  /** What the command writes, errors too. */
  run(from: From, cmd: string): string {
    const step = from.startsWith('pod-') ? { cmd: `kubectl exec ${from} -- sh -c '${cmd}'` } : { host: from, cmd };
    const { stdout, stderr } = runStep(this.machine, step);
    return stdout + stderr;
  }

  /** Cluster IP of a Service. */
  ip(service: string): string {
    return this.run('control-plane', `kubectl get svc ${service} -o jsonpath={.spec.clusterIP}`);
  }

  /** One request: which Pod answered, and whom it saw. Or curl's complaint. */
  get(from: From, at: string): { pod: string; seen: string } | string {
    const text = this.run(from, `curl -sS -m 2 http://${at}/`);
    const found = /^Hello from (\S+)\nyou are (\S+):\d+,/.exec(text);
    return found
      ? { pod: this.endpoint(found[1] ?? ''), seen: found[2] ?? '' }
      : (/curl: \(\d+\)/.exec(text)?.[0] ?? text);
  }

  /** Addresses of the Pods that answer so many requests. */
  turns(from: From, at: string, n: number): string[] {
    return Array.from({ length: n }, () => {
      const answer = this.get(from, at);
      return typeof answer === 'string' ? answer : answer.pod;
    });
  }

  /** So many connections from a Pod of the first node, begun and ended one after the other; old ones may end meanwhile. */
  connect(pod: string, to: string, times: number): void {
    const { world } = this.machine;
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
    const proc = this.machine.spawn({ host: world.hosts.get('node1') as Host, netns, argv: ['client'], main });
    const bounds = { maxTime: 6_000_000_000, maxSteps: 2_000_000, maxOutput: 1 };
    expect([drain(this.machine, proc as Proc, bounds), proc?.status]).toEqual([null, 0]);
  }

  private readonly ips = new Map<string, string>();

  private endpoint(pod: string): string {
    const known = this.ips.get(pod);
    if (known !== undefined) return known;
    const ip = this.run('control-plane', `kubectl get pod ${pod} -o jsonpath={.status.podIP}`);
    this.ips.set(pod, ip);
    return ip;
  }
}

const service = (name: string, spec: string, port = '{port: 80, targetPort: 8080}'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec:\n  selector: {app: web}\n  ports: [${port}]\n${spec}\n---\n`;

const REFUSED = 'curl: (7)';
const LOST = 'curl: (28)';
/** The endpoints of `web`, in the order in which they take turns. */
const TURNS = ['10.244.2.4', '10.244.2.3', '10.244.1.4', '10.244.1.3'];
const HERE = ['10.244.1.3', '10.244.1.4'];

describe('Services of every type, by packets in IPVS mode', () => {
  let cluster: IpvsCluster;
  beforeAll(() => {
    cluster = new IpvsCluster(
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
      cluster.run(
        'control-plane',
        `kubectl patch svc ${name} --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"${ip}"}]}}}'`,
      );
    cluster.run(
      'gateway',
      'ip route add 203.0.113.0/24 via 192.168.56.11; ip route add 198.51.100.0/24 via 192.168.56.11; sleep 3',
    );
  });

  it('takes exact turns at a ClusterIP, and shows the Pod who asks', () => {
    const ip = cluster.ip('web');
    expect(cluster.turns('pod-a', ip, 8)).toEqual([...TURNS, ...TURNS]);
    expect(cluster.get('pod-a', ip)).toEqual({ pod: TURNS[0], seen: '10.244.1.5' });
    expect(cluster.get('node1', ip)).toEqual({ pod: TURNS[1], seen: '10.244.1.0' });
    expect(cluster.get('control-plane', ip)).toEqual({ pod: TURNS[0], seen: '10.244.0.0' });
  });

  it('reaches a node port from outside, from other nodes and from Pods, but not at a loopback address', () => {
    expect(cluster.turns('gateway', '192.168.56.11:30080', 4)).toEqual(TURNS);
    expect(cluster.get('gateway', '192.168.56.10:30080')).toEqual({ pod: TURNS[0], seen: '10.244.0.0' });
    expect(cluster.turns('node2', '192.168.56.11:30080', 1)).toEqual([TURNS[0]]);
    expect(cluster.turns('node1', '192.168.56.11:30080', 1)).toEqual([TURNS[1]]);
    expect(cluster.turns('pod-a', '192.168.56.11:30080', 1)).toEqual([TURNS[2]]);
    expect(cluster.turns('pod-c', '192.168.56.11:30080', 1)).toEqual([TURNS[3]]);
    expect(cluster.get('node1', '127.0.0.1:30080')).toBe(REFUSED);
  });

  it('keeps the source address and the node under the external Local policy', () => {
    const answers = [1, 2, 3].map(() => cluster.get('gateway', '192.168.56.11:30090'));
    expect(answers).toEqual([
      { pod: HERE[1], seen: '192.168.56.1' },
      { pod: HERE[0], seen: '192.168.56.1' },
      { pod: HERE[1], seen: '192.168.56.1' },
    ]);
    // With no endpoint of its own a node uses all; flannel then masquerades what comes from outside.
    expect(cluster.get('control-plane', '192.168.56.10:30090')).toEqual({ pod: TURNS[0], seen: '10.244.0.0' });
    expect(cluster.get('gateway', '192.168.56.10:30090')).toEqual({ pod: TURNS[1], seen: '10.244.0.0' });
    expect(cluster.turns('pod-a', cluster.ip('local'), 4)).toEqual(TURNS);
  });

  it('stays on the node under the internal Local policy', () => {
    const ip = cluster.ip('inner');
    expect(cluster.turns('pod-a', ip, 3)).toEqual([HERE[1], HERE[0], HERE[1]]);
    expect(cluster.turns('pod-c', ip, 2)).toEqual(['10.244.2.4', '10.244.2.3']);
    expect(cluster.get('control-plane', ip)).toBe(REFUSED);
  });

  it('reaches an external IP from outside, from nodes and from Pods', () => {
    expect(cluster.get('gateway', '198.51.100.7')).toEqual({ pod: TURNS[0], seen: '10.244.1.0' });
    expect(cluster.turns('node1', '198.51.100.7', 1)).toEqual([TURNS[1]]);
    expect(cluster.turns('pod-a', '198.51.100.7', 1)).toEqual([TURNS[2]]);
    expect(cluster.turns('node2', '198.51.100.7', 1)).toEqual([TURNS[0]]);
    expect(cluster.get('gateway', '198.51.100.8')).toEqual({ pod: HERE[1], seen: '192.168.56.1' });
    expect(cluster.turns('control-plane', '198.51.100.8', 1)).toEqual([TURNS[0]]);
  });

  it('lets only the source ranges use a load balancer', () => {
    expect(cluster.turns('gateway', '203.0.113.10', 2)).toEqual([TURNS[0], TURNS[1]]);
    expect(cluster.get('pod-a', '203.0.113.10')).toBe(LOST);
    expect(cluster.get('node1', '203.0.113.10')).toBe(LOST);
    expect(cluster.get('node2', '203.0.113.10')).toBe(LOST);
    expect(cluster.turns('gateway', '203.0.113.11', 1)).toEqual([TURNS[0]]);
    expect(cluster.turns('node1', '203.0.113.11', 1)).toEqual([TURNS[1]]);
    expect(cluster.get('pod-a', '203.0.113.11')).toBe(LOST);
    expect(cluster.get('gateway', '203.0.113.12')).toEqual({ pod: HERE[1], seen: '192.168.56.1' });
    expect(cluster.turns('control-plane', '203.0.113.12', 1)).toEqual([TURNS[0]]);
  });

  it('refuses where nobody serves, and what is no port of the Service', () => {
    for (const from of ['pod-a', 'node1'] as const) expect(cluster.get(from, cluster.ip('nobody'))).toBe(REFUSED);
    expect(cluster.get('pod-a', `${cluster.ip('web')}:81`)).toBe(REFUSED);
    expect(cluster.get('gateway', '203.0.113.10:81')).toBe(REFUSED);
    expect(cluster.run('pod-a', `ping -c1 -W1 ${cluster.ip('web')}`)).toContain('Destination Port Unreachable');
  });

  it('keeps a client at its endpoint with session affinity', () => {
    const ip = cluster.ip('sticky');
    expect(cluster.turns('pod-a', ip, 3)).toEqual([TURNS[0], TURNS[0], TURNS[0]]);
    expect(cluster.turns('pod-b', ip, 3)).toEqual([TURNS[1], TURNS[1], TURNS[1]]);
    expect(cluster.turns('pod-a', ip, 1)).toEqual([TURNS[0]]);
  });

  it('resolves names over UDP', () => {
    expect(cluster.run('pod-a', 'nslookup web.default.svc.cluster.local')).toContain(`Address: ${cluster.ip('web')}`);
  });

  it('takes exact turns over 10,000 connections', () => {
    cluster.run('control-plane', `kubectl apply -f - <<'EOF'\n${service('many', '')}EOF\nsleep 3`);
    const ip = cluster.ip('many');
    cluster.connect('10.244.1.5', ip, 10_000);
    cluster.run('node1', 'sleep 3');
    const conns = cluster
      .run('node1', `ipvsadm -Ln --stats --exact -t ${ip}:80`)
      .split('\n')
      .filter((line) => line.includes(':8080'))
      .map((line) => line.trim().split(/ +/)[2]);
    expect(conns).toEqual(['2500', '2500', '2500', '2500']);
  }, 120_000);
});

describe('Pods that serve themselves, and Pods that leave', () => {
  const cluster = new IpvsCluster(
    'apiVersion: v1\nkind: Service\nmetadata: {name: hair}\nspec:\n  selector: {hair: "yes"}\n  ports: [{port: 90, targetPort: 9000}]\n',
  );
  const label = (pod: string, value: string) =>
    cluster.run('control-plane', `kubectl label pod ${pod} hair${value}; sleep 3`);
  const servers = () =>
    cluster
      .run('node1', `ipvsadm -Ln -t ${cluster.ip('hair')}:90`)
      .split('\n')
      .filter((line) => line.includes(':9000'))
      .map((line) => line.trim().split(/ +/).slice(1).join(' '));

  it('reaches itself through its own Service, and sees the node', () => {
    label('pod-a', '=yes');
    cluster.run('pod-a', 'ncat -lk -p 9000 --sh-exec "echo hello \\$NCAT_REMOTE_ADDR" >/dev/null 2>&1 &');
    expect(cluster.run('pod-a', `nc -w2 ${cluster.ip('hair')} 90`)).toBe('hello 10.244.1.1\n');
    expect(cluster.run('pod-b', `nc -w2 ${cluster.ip('hair')} 90`)).toBe('hello 10.244.1.6\n');
  });

  it('lets connections end before a real server goes', () => {
    cluster.run('pod-b', 'ncat -lk -p 9000 --sh-exec cat >/dev/null 2>&1 &');
    label('pod-a', '-');
    label('pod-b', '=yes');
    cluster.run('node1', 'sleep 200');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 1 0 0']);
    cluster.run('pod-a', `(sleep 30; echo bye) | nc -N ${cluster.ip('hair')} 90 >/dev/null 2>&1 &`);
    cluster.run('node1', 'sleep 1');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 1 1 0']);
    label('pod-b', '-');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 0 1 0']);
    expect(cluster.get('pod-a', `${cluster.ip('hair')}:90`)).toBe(REFUSED);
    cluster.run('node1', 'sleep 60');
    expect(servers()).toEqual(['10.244.1.6:9000 Masq 0 0 1']);
    cluster.run('node1', 'sleep 200');
    expect(servers()).toEqual([]);
  });
});
