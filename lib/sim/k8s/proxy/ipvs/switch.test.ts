import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../test/kube-proxy/cluster.ts';
import type { Mode } from '../../../test/kube-proxy/harness.ts';

describe('a cluster that changes its mode', () => {
  const cluster = new Cluster('ipvs');
  const become = (mode: Mode) => {
    const patch = `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/mode: .*/mode: ${mode}/' | kubectl apply -f -`;
    cluster.on('control-plane', `${patch}; kubectl -n kube-system delete pod -l k8s-app=kube-proxy; sleep 6`);
  };
  const node = (cmd: string) => cluster.on('node1', `${cmd}; true`);
  const served = () => {
    const froms = ['pod-a', 'node1', 'gateway'] as const;
    const urls = ['http://10.96.10.10/', 'http://10.96.10.10/', 'http://192.168.56.11:30080/'];
    return froms.map((from, i) => cluster.ask(from, urls[i] ?? '')[0]?.pod);
  };
  const pods = cluster.pods();
  const works = () => {
    for (const pod of served()) expect(pods).toContain(pod);
  };
  const traces = () => ({
    device: node('ip -br link show kube-ipvs0 2>/dev/null | wc -l').trim(),
    servers: node('ipvsadm -Ln | grep -c "^TCP\\|^UDP"').trim(),
    sets: node('ipset list -n | grep -vc KUBE-6-').trim(),
    table: node('nft list tables | grep -c kube-proxy').trim(),
    filter: node('iptables-save -t filter | grep -c KUBE-IPVS').trim(),
  });

  it('is served in IPVS mode', () => {
    works();
    expect(traces()).toEqual({ device: '1', servers: '9', sets: '17', table: '0', filter: '10' });
  });

  it('keeps what IPVS mode wrote when it goes on with iptables, as the release does', () => {
    become('iptables');
    works();
    expect(traces()).toEqual({ device: '1', servers: '9', sets: '17', table: '0', filter: '10' });
  });

  it('is cleaned of it for nftables, and of that for IPVS', () => {
    become('nftables');
    works();
    expect(traces()).toEqual({ device: '0', servers: '0', sets: '0', table: '2', filter: '0' });
    become('ipvs');
    works();
    expect(traces()).toEqual({ device: '1', servers: '9', sets: '17', table: '0', filter: '10' });
  });
});
