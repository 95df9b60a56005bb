/** One node with kube-proxy, whose API holds only what is applied, and a machine outside. */
import { everywhere, installUnits, kubeProxyUnit, startUnit, units } from '../../k8s/node/units.ts';
import { createCluster } from '../../k8s/store/store.ts';
import { createSegment } from '../../kernel/create.ts';
import type { Machine } from '../../kernel/machine.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import { putFile } from '../../shell/vfs/tree.ts';
import { create } from '../cluster/create.ts';
import { addHost } from '../host.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { plugIn } from '../nic.ts';
import { DEFAULT_NODE, nodeAgent, setAddresses } from './agent.ts';

/** A frame's way over the nodes' network, µs. */
const SEGMENT_DELAY = 180;

/** Modules that a node of a cluster has. */
const MODULES = ['br_netfilter', 'overlay', 'veth', 'nf_conntrack', 'ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh'];

/** Builds the scene; kube-proxy starts in `mode` unless its ConfigMap names another. */
export function buildProxyNode(machine: Machine, mode: string): void {
  const { world } = machine;
  world.cluster = createCluster();
  const segment = createSegment(world, 'node network', SEGMENT_DELAY);
  const host = addHost(world, DEFAULT_NODE.name);
  const outside = addHost(world, 'gateway');
  for (const h of [host, outside]) plugIn(world, h, segment);
  setAddresses(world, host, DEFAULT_NODE.addresses);
  const ns = world.netns.get(host.rootNs);
  for (const module of MODULES) host.modules.add(module);
  for (const key of [
    'net.ipv4.ip_forward',
    'net.ipv6.conf.all.forwarding',
    'net.bridge.bridge-nf-call-iptables',
    'net.bridge.bridge-nf-call-ip6tables',
  ])
    if (ns) setSysctl(world, host, ns, key, '1');
  putFile(host.fs, '/root/.kube/config', kubeconfig(DEFAULT_NODE.addresses[0] ?? ''), { mode: 0o600 });
  putFile(host.fs, kubeProxyUnit.argv[0] as string, '', { mode: 0o755, program: 'kube-proxy' });
  installUnits(host, [...units.filter(everywhere), kubeProxyUnit]);
  installUnits(outside, units.filter(everywhere));
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    create(world, 'namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  for (const h of [host, outside]) for (const unit of units.filter(everywhere)) startUnit(machine, h, unit);
  machine.spawn({ host, argv: ['/usr/local/bin/node-agent'], main: nodeAgent(mode), daemon: true, cwd: '/' });
  machine.pump();
}
