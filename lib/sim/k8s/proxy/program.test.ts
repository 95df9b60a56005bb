import { describe, expect, it } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { must } from '../../test/kube-proxy/harness.ts';
import { config, node, service, slice } from '../../test/kube-proxy/objects.ts';

const apply = (machine: Machine, ...objects: string[]) =>
  must(machine, `kubectl apply -f - <<'EOF'\n${objects.join('\n---\n')}\nEOF`);

function started(...objects: string[]): { machine: Machine; run: (cmd: string) => string } {
  const machine = buildScene('kube-proxy-iptables', 1);
  if (objects.length > 0) apply(machine, ...objects);
  must(machine, 'sleep 3');
  return { machine, run: (cmd) => must(machine, cmd) };
}

describe('kube-proxy', () => {
  it('says what it uses while it starts', () => {
    const { run } = started();
    const lines = run('journalctl -u kube-proxy -o cat | grep -o "\\] .*"').split('\n');
    expect(lines[0]).toBe('] "Waiting for caches to sync" controller="node informer cache"');
    expect(lines).toContain('] "Successfully retrieved NodeIPs" NodeIPs=["172.18.0.2"]');
    expect(lines).toContain('] "Using iptables Proxier"');
    expect(lines).toContain('] "Caches are synced" controller="serviceCIDR config"');
    expect(run('sysctl -n net.netfilter.nf_conntrack_tcp_timeout_established')).toBe('86400\n');
  });

  it('is what its Node is: name, addresses, zone', () => {
    const local = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    const { run } = started(
      node('worker-7', ['192.168.40.7', 'fd00:40::7']),
      config('nodePortAddresses: ["primary"]\n'),
      service({ name: 'web', ip: '10.96.1.1', ports: [['http', 80, 'TCP', 8080, 30080]], spec: local }),
      slice(
        'web',
        [['http', 8080]],
        [
          { ip: '10.244.0.5', node: 'worker-7' },
          { ip: '10.244.0.6', node: 'node-1' },
        ],
      ),
    );
    expect(run('ip -br addr show eth0')).toMatch(/192\.168\.40\.7\/24 fd00:40::7\/64/);
    expect(run('iptables -t nat -S KUBE-SERVICES | tail -1')).toContain('-d 192.168.40.7/32 ');
    expect(run('ip6tables -t nat -S KUBE-SERVICES | tail -1')).toContain('-d fd00:40::7/128 ');
    const local1 = run('iptables-save -t nat | grep "A KUBE-SVL"');
    expect(local1).toContain('10.244.0.5:8080');
    expect(local1).not.toContain('10.244.0.6:8080');
    expect(run('ping -c1 -W1 192.168.40.1 | grep -c ttl=')).toBe('1\n');
  });

  it('refuses a mode that it does not know, and starts once the configuration is right', () => {
    const { machine, run } = started(config('mode: userspace\n'));
    expect(runStep(machine, { cmd: 'systemctl is-active kube-proxy' }).stdout).toBe('inactive\n');
    expect(run('journalctl -u kube-proxy | tail -1')).toContain(
      'run.go:72] "command failed" err="failed validate: KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \\"userspace\\": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])"',
    );
    expect(run('iptables-save')).not.toContain('KUBE');
    apply(machine, config('mode: iptables\n'));
    expect(run('sleep 2; curl -s 127.0.0.1:10249/proxyMode')).toBe('iptables');
  });

  it('nftables removes what the others left, which leave each other alone', () => {
    const web = service({
      name: 'web',
      ip: '10.96.1.1',
      ports: [['http', 80, 'TCP', 8080, 30080]],
      spec: { type: 'NodePort' },
    });
    const { machine, run } = started(web, slice('web', [['http', 8080]], [{ ip: '10.244.0.5' }]));
    const change = (mode: string) => {
      apply(machine, config(`mode: ${mode}\n`));
      expect(run('sleep 3; curl -s 127.0.0.1:10249/proxyMode')).toBe(mode);
    };
    const left = (tool: string) => run(`${tool} | grep -o "KUBE-[A-Z-]*" | sort -u; true`).split('\n').filter(Boolean);
    for (const path of [['nftables'], ['iptables', 'ipvs', 'nftables'], ['ipvs', 'iptables', 'nftables']]) {
      for (const mode of path) {
        change(mode);
        if (mode === 'ipvs' && path[0] === 'iptables') expect(left('iptables-save').join()).toContain('KUBE-SVC-');
        if (mode === 'iptables' && path[0] === 'ipvs') expect(left('iptables-save')).toContain('KUBE-IPVS-FILTER');
      }
      // The chain that is the kubelet's, too, stays.
      expect(left('iptables-save')).toEqual(['KUBE-FIREWALL']);
      expect(left('ip6tables-save')).toEqual(['KUBE-FIREWALL']);
    }
    change('iptables');
    expect(run('nft list tables')).not.toContain('kube-proxy');
  });

  it('answers whether it keeps up, and whether the node is to go', () => {
    const { machine, run } = started(node('node-1', ['172.18.0.2']));
    const code = (path: string) => run(`curl -s -o /dev/null -w %{http_code} http://127.0.0.1:10256${path}`);
    expect([code('/healthz'), code('/livez'), code('/other')]).toEqual(['200', '200', '404']);
    const leaving = JSON.parse(node('node-1', ['172.18.0.2']));
    leaving.spec = { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] };
    apply(machine, JSON.stringify(leaving));
    expect([code('/healthz'), code('/livez')]).toEqual(['503', '200']);
    expect(run('curl -s http://127.0.0.1:10256/healthz')).toMatch(/"nodeEligible": false}$/);
    expect(run('curl -s http://127.0.0.1:10249/metrics')).toContain('kubeproxy_proxy_healthz_total{code="503"} 2\n');
  });

  it("opens a Service's health check port while it has one, and says when it cannot", () => {
    const lb = (port: number) =>
      service({
        name: 'web',
        ip: '10.96.1.1',
        ports: [['http', 80, 'TCP', 8080, 30080]],
        spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: port },
      });
    const { machine, run } = started(lb(31000), slice('web', [['http', 8080]], [{ ip: '10.244.0.5', node: 'node-1' }]));
    const code = (port: number) =>
      runStep(machine, { cmd: `curl -s -o /dev/null -w %{http_code} 127.0.0.1:${port}` }).stdout;
    expect(code(31000)).toBe('200');
    apply(
      machine,
      slice(
        'web',
        [['http', 8080]],
        [{ ip: '10.244.0.5', node: 'node-1', ready: false, serving: true, terminating: true }],
      ),
    );
    run('sleep 2');
    expect(code(31000)).toBe('503');
    run('kubectl delete service web; sleep 2');
    expect(code(31000)).toBe('000');
    run('ncat -lk 31001 & sleep 1');
    apply(machine, lb(31001));
    run('sleep 2');
    expect(run('kubectl get events')).toMatch(
      /FailedToStartServiceHealthcheck +service\/web +node node-1 failed to start healthcheck "default\/web" on port 31001: listen tcp :31001: bind: address already in use/,
    );
  });

  it('forgets UDP connections to endpoints that are gone, and only those', () => {
    const ports: [string, number, string, number, number][] = [['dns', 53, 'UDP', 5353, 30053]];
    const two = slice('u', [['dns', 5353, 'UDP']], [{ ip: '10.244.0.5' }]);
    const { machine, run } = started(service({ name: 'u', ip: '10.96.0.53', ports, spec: { type: 'NodePort' } }), two);
    run(
      'for p in 4001 4002; do echo x | ncat -u -p $p -w 1 10.96.0.53 53; done; echo x | ncat -u -p 4003 -w 1 172.18.0.2 30053; echo x | ncat -u -p 4004 -w 1 10.96.0.99 53; true',
    );
    const table = () =>
      run(
        'conntrack -L -p udp 2>/dev/null | grep -o "dst=[0-9.]* sport=[0-9]* dport=[0-9]* \\[UNREPLIED\\] src=[0-9.]*" | sort',
      );
    const before = table().split('\n');
    expect(before.filter((l) => l.endsWith('src=10.244.0.5'))).toHaveLength(3);
    // Without any endpoint the entries are left alone; with another one they go.
    run('kubectl delete endpointslice u-abcde; sleep 2');
    expect(table().split('\n')).toEqual(before);
    apply(machine, slice('u', [['dns', 5353, 'UDP']], [{ ip: '10.244.0.6' }]));
    run('sleep 2');
    expect(table().split('\n')).toEqual(before.filter((l) => !l.endsWith('src=10.244.0.5')));
  });

  it('--cleanup by hand removes everything; a running kube-proxy notices within syncPeriod', () => {
    const { run } = started(service({ name: 'web', ip: '10.96.1.1', ports: [['http', 80]] }));
    const before = run('iptables-save');
    expect(run('kube-proxy --version')).toBe('Kubernetes v1.34.2\n');
    run('kube-proxy --cleanup');
    expect(run('iptables-save | grep -c KUBE-SERVICES; true')).toBe('0\n');
    const rules = (text: string) => text.split('\n').filter((line) => /^[-:]/.test(line));
    expect(rules(run('sleep 31; iptables-save')).sort()).toEqual(rules(before).sort());
  });

  it('reads its configuration when its Pod starts, and not again', () => {
    const machine = buildScene('flannel-vxlan', 1);
    const run = (cmd: string) => must(machine, cmd);
    const mark = () => run('iptables -t nat -S KUBE-MARK-MASQ | tail -1');
    const text = 'clusterCIDR: 10.244.0.0/16\\nmode: iptables\\niptables:\\n  masqueradeBit: 6\\n';
    run(
      `kubectl -n kube-system patch configmap kube-proxy --type=merge -p '{"data":{"config.conf":"${text}"}}'; sleep 60`,
    );
    expect(mark()).toContain('0x4000/0x4000');
    run('kubectl -n kube-system delete pod -l k8s-app=kube-proxy; sleep 5');
    expect(mark()).toContain('0x40/0x40');
    const pod = run('kubectl -n kube-system get pods -l k8s-app=kube-proxy -o name | head -1').trim();
    expect(run(`kubectl -n kube-system logs ${pod} | head -1`)).toMatch(
      /^I\d{4} [\d:.]+ {7}1 shared_informer\.go:349\] /,
    );
    expect(run(`kubectl -n kube-system exec ${pod} -- kube-proxy --version`)).toBe('Kubernetes v1.34.2\n');
  });

  it.each([
    ['mode: [\n', /failed complete: error converting YAML to JSON: yaml: line \d+: /],
    [
      'iptables:\n  masqueradeBit: 40\n',
      /KubeProxyIPTablesConfiguration\.MasqueradeBit: Invalid value: 40: must be within/,
    ],
    [
      'nodePortAddresses: ["10.0.0.1"]\n',
      /NodePortAddresses\[0\]: Invalid value: \\"10\.0\.0\.1\\": must be a valid CIDR/,
    ],
    ['nodePortAddresses: ["primary", "10.0.0.0/8"]\n', /can't use both 'primary' and CIDRs/],
    [
      'clusterCIDR: 10.244.0.0\n',
      /DetectLocalConfiguration\.ClusterCIDRs\[0\]: Invalid value: .* must be a valid CIDR block/,
    ],
    [
      'detectLocalMode: BridgeInterface\n',
      /DetectLocalConfiguration\.InterfaceName: Invalid value: .* must not be empty/,
    ],
    [
      'metricsBindAddress: "localhost:70000"\nbindAddress: here\n',
      /failed validate: \[.*BindAddress.*, .*must be a valid IP, .*must be a valid port\]/,
    ],
  ])('refuses the configuration %j', (text, why) => {
    const { machine, run } = started(config(text));
    expect(runStep(machine, { cmd: 'systemctl is-active kube-proxy' }).stdout).toBe('inactive\n');
    expect(run('journalctl -u kube-proxy | tail -1')).toMatch(why);
  });
});
