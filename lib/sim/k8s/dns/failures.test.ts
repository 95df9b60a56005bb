import { describe, expect, it } from 'vitest';
import '../../commands/load.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

/** A fresh cluster, and what breaks it: the symptoms users see. */
function broken(seed: number, ...steps: [host: string, cmd: string][]) {
  const machine = buildScene('flannel-vxlan', seed);
  const run = (host: string, cmd: string) => {
    const from = machine.world.now;
    const { stdout, stderr, exit } = runStep(machine, { host, cmd });
    return { out: stdout + stderr, exit, seconds: (machine.world.now - from) / 1e6 };
  };
  for (const [host, cmd] of steps) {
    const { exit, out } = run(host, cmd);
    if (exit !== 0) throw new Error(`${cmd}: ${out}`);
  }
  return { run, pod: (cmd: string) => run('control-plane', `kubectl exec pod-a -- ${cmd}`) };
}

const NODES = ['node1', 'node2'];
const onNodes = (cmd: string): [string, string][] => NODES.map((node) => [node, cmd]);

describe('cluster DNS broken', () => {
  it('no CoreDNS: kube-proxy refuses, at once', () => {
    const { run, pod } = broken(1, [
      'control-plane',
      'kubectl -n kube-system scale deployment coredns --replicas=0; sleep 5',
    ]);
    const looked = pod('nslookup web');
    expect(looked.out).toContain(
      ';; communications error to 10.96.0.10#53: connection refused\n;; no servers could be reached\n',
    );
    expect(looked.seconds).toBeLessThan(1);
    expect(pod('ping -c1 web').out).toContain('ping: web: Temporary failure in name resolution\n');
    // What a host sends of ICMP errors to one peer is limited: six at once, then one a second.
    run('node1', 'sleep 10');
    const fetched = pod('curl -sS http://web/');
    expect(fetched.out).toContain('curl: (6) Could not resolve host: web\n');
    expect(fetched.seconds).toBeLessThan(1);
  });

  it('a selector that selects nothing: the same as no CoreDNS', () => {
    const { run, pod } = broken(2, [
      'control-plane',
      `kubectl -n kube-system patch svc kube-dns -p '{"spec":{"selector":{"k8s-app":"kube-dsn"}}}'; sleep 5`,
    ]);
    expect(pod('nslookup web').out).toContain('connection refused');
    expect(
      run(
        'control-plane',
        'kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns --no-headers',
      ).out,
    ).toMatch(/^kube-dns-\S+ +IPv4 +\S+ +<unset> /);
  });

  it('UDP 53 dropped: 20 seconds for a short name, while TCP answers', () => {
    const { pod } = broken(3, ...onNodes('iptables -I FORWARD -p udp --dport 53 -j DROP'));
    const fetched = pod('curl -sS http://web/');
    expect(fetched.out).toContain('curl: (6) Could not resolve host: web\n');
    expect(fetched.seconds).toBeGreaterThanOrEqual(10);
    expect(fetched.seconds).toBeLessThanOrEqual(21);
    const looked = pod('nslookup web.default.svc.cluster.local');
    expect(looked.out).toContain(
      ';; communications error to 10.96.0.10#53: timed out\n;; no servers could be reached\n',
    );
    expect(pod('dig +tcp +short web.default.svc.cluster.local').out).toBe('10.96.10.10\n');
  });

  it('TCP 53 dropped: only what is too long for a datagram fails', () => {
    const { pod } = broken(4, ...onNodes('iptables -I FORWARD -p tcp --dport 53 -j DROP'));
    expect(pod('curl -s -o /dev/null -w %{http_code} http://web/').out).toBe('200');
    expect(pod('dig +tcp web.default.svc.cluster.local').out).toContain(';; no servers could be reached');
  });

  it('an upstream that is silent: names of the cluster work, others get SERVFAIL after 2 seconds', () => {
    const { run, pod } = broken(5, ['gateway', 'iptables -I INPUT -p udp --dport 53 -j DROP']);
    expect(pod('dig +short web.default.svc.cluster.local').out).toBe('10.96.10.10\n');
    const asked = pod('dig api.example.net');
    expect(asked.out).toContain('status: SERVFAIL');
    expect(asked.seconds).toBeCloseTo(2, 1);
    const logs = run(
      'control-plane',
      'for p in $(kubectl -n kube-system get pods -l k8s-app=kube-dns -o name); do kubectl -n kube-system logs $p; done',
    );
    expect(logs.out).toMatch(
      /^\[ERROR\] plugin\/errors: 2 api\.example\.net\. A: read udp 10\.244\.[12]\.\d+:\d+->192\.168\.56\.1:53: i\/o timeout$/m,
    );
  });

  it('ndots:5: a name with two dots is asked for four times, by A and by AAAA', () => {
    const { run, pod } = broken(6, [
      'node1',
      '(timeout 20 tcpdump -nli cni0 udp dst port 53 > /tmp/dns.txt 2>/dev/null &) ; sleep 1',
    ]);
    expect(pod('getent ahosts www.example.com').out).toContain('203.0.113.10');
    pod('getent ahosts www.example.com.');
    const names = [
      ...run('node1', 'cat /tmp/dns.txt').out.matchAll(/10\.244\.1\.5\.\d+ > \S+: \d+\+ (A+)\? (\S+) /g),
    ].map((m) => `${m[1]} ${m[2]}`);
    const search = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'].map(
      (d) => `www.example.com.${d}.`,
    );
    const all = [...search, 'www.example.com.', 'www.example.com.'];
    expect(names).toEqual(all.flatMap((name) => [`A ${name}`, `AAAA ${name}`]));
  });
});
