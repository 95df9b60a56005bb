import { describe, expect, it } from 'vitest';
import '../../commands/load.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

describe('NodeLocal DNSCache', () => {
  const machine = buildScene('flannel-vxlan-nodelocaldns', 3);
  const on = (host: string, cmd: string) => {
    const { stdout, stderr } = runStep(machine, { host, cmd });
    return stdout + stderr;
  };
  const pod = (cmd: string) => on('control-plane', `kubectl exec pod-a -- ${cmd}`);

  it('stands on a dummy device with both addresses', () => {
    expect(on('node1', 'ip -br addr show nodelocaldns')).toMatch(
      /^nodelocaldns +DOWN +169\.254\.20\.10\/32 10\.96\.0\.10\/32 \n$/,
    );
    expect(on('node1', 'iptables -t raw -S PREROUTING | grep -c "NodeLocal DNS Cache: skip conntrack"')).toBe('4\n');
    expect(on('node1', 'iptables -S INPUT | grep -c "NodeLocal DNS Cache: allow DNS traffic"')).toBe('4\n');
  });

  it('answers on the node, and leaves no trace in connection tracking', () => {
    expect(pod('dig +short web.default.svc.cluster.local')).toBe('10.96.10.10\n');
    expect(pod('dig +short web.default.svc.cluster.local @169.254.20.10')).toBe('10.96.10.10\n');
    expect(on('node1', 'conntrack -L -p udp 2>/dev/null | grep 10.96.0.10')).toBe('');
    expect(on('node1', 'conntrack -L -p tcp 2>/dev/null | grep -c dport=53')).not.toBe('0\n');
    expect(pod('dig +short www.example.com')).toBe('203.0.113.10\n');
  });

  it('goes on answering what it knows when CoreDNS is gone', () => {
    pod('dig +short web.default.svc.cluster.local');
    on('control-plane', 'kubectl -n kube-system scale deployment coredns --replicas=0; sleep 5');
    const known = pod('dig web.default.svc.cluster.local');
    expect(known).toContain('10.96.10.10');
    expect(Number(/\s(\d+)\s+IN\s+A\s+10/.exec(known)?.[1])).toBeLessThan(30);
    expect(pod('dig nope.default.svc.cluster.local')).toContain('status: SERVFAIL');
    expect(on('node2', 'curl -s http://169.254.20.10:8080/health')).toBe('OK');
  });
});
