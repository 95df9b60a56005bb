/** DNS around a cluster: the resolver outside, and NodeLocal DNSCache. Source: kubernetes/kubernetes cluster/addons/dns/nodelocaldns/nodelocaldns.yaml of 1.34. */
import { PUBLIC_HOSTS, upstream } from '../../k8s/dns/upstream.ts';
import type { Machine } from '../../kernel/machine.ts';
import type { Host, World } from '../../kernel/world.ts';
import { getNode, putFile } from '../../shell/vfs/tree.ts';
import { create } from './create.ts';
import { daemonSet } from './workloads.ts';

const NAME = 'node-local-dns';
const labels = { 'k8s-app': NAME };

const block = (zones: string, cache: string, upstream: string, more = ''): string =>
  `${zones}:53 {\n    errors\n    cache ${cache}\n    reload\n    loop\n    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n    forward . ${upstream}${upstream.startsWith('__PILLAR__UP') ? '' : ' {\n            force_tcp\n    }'}\n    prometheus :9253\n${more}    }\n`;

const CLUSTER = '__PILLAR__CLUSTER__DNS__';
const COREFILE = [
  block(
    '__PILLAR__DNS__DOMAIN__',
    '{\n            success 9984 30\n            denial 9984 5\n    }',
    CLUSTER,
    '    health __PILLAR__LOCAL__DNS__:8080\n',
  ),
  block('in-addr.arpa', '30', CLUSTER),
  block('ip6.arpa', '30', CLUSTER),
  block('.', '30', '__PILLAR__UPSTREAM__SERVERS__'),
].join('');

/** The cache's configuration, the Service by which it reaches CoreDNS, its Pods. */
export function createNodeLocalDns(world: World): void {
  create(world, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: NAME, namespace: 'kube-system', labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } },
    data: { Corefile: COREFILE },
  });
  create(world, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns-upstream',
      namespace: 'kube-system',
      labels: {
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'KubeDNSUpstream',
      },
    },
    spec: {
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
    },
  });
  create(world, 'daemonsets', daemonSet('kube-system', NAME, labels, 'registry.k8s.io/dns/k8s-dns-node-cache:1.26.4'));
}

/** Starts the resolver of the network's gateway, and has the nodes ask it. */
export function startResolver(machine: Machine, gateway: Host, nodes: readonly Host[], address: string): void {
  for (const host of nodes) putFile(host.fs, '/etc/resolv.conf', `nameserver ${address}\n`);
  const hosts = getNode(gateway.fs, '/etc/hosts');
  putFile(gateway.fs, '/etc/hosts', (hosts?.type === 'file' ? hosts.data : '') + PUBLIC_HOSTS);
  machine.spawn({ host: gateway, argv: ['dnsmasq', '--keep-in-foreground'], main: upstream, daemon: true, cwd: '/' });
}
