/** Builds a cluster: machines on one network, their services, the API's objects; then lets the control loops do the rest. */
import { installedCommands } from '../../commands/provider.ts';
import { controllers } from '../../k8s/controllers/program.ts';
import { preload } from '../../k8s/kubelet/images.ts';
import { everywhere, installUnits, startUnit, units } from '../../k8s/node/units.ts';
import { clusterOf, createCluster, listObjects } from '../../k8s/store/store.ts';
import { createSegment } from '../../kernel/create.ts';
import type { Machine } from '../../kernel/machine.ts';
import type { Host, Segment, World } from '../../kernel/world.ts';
import { setSysctl } from '../../linux/sysctl/sysctl.ts';
import { putDir, putFile } from '../../shell/vfs/tree.ts';
import { addHost } from '../host.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { giveAddress, giveGateway, plugIn } from '../nic.ts';
import { createNodeLocalDns, startResolver } from './addons.ts';
import { createBasics } from './basics.ts';
import type { ClusterConfig } from './config.ts';
import { createPods, createSystemPods, createWorkloads, sceneImages } from './workloads.ts';

/** The control plane's address as the administrator's client knows it. */
const API_SERVER = '192.168.56.10';
/** A frame's way over the nodes' network, µs. */
const SEGMENT_DELAY = 180;
/** Objects of a scene look as old as this, seconds. */
const AGE = 2 * 86_400 + 3 * 3600;
const SETTLE_LIMIT = 120_000_000;
/** After the last Pod runs, control loops get this long to write what follows from it. */
const FOLLOW_UP = 2_500_000;

/** A NIC on the segment, with an address and, for others than the gateway itself, the default route. */
function connect(world: World, host: Host, segment: Segment, address: string, gateway: string | null): void {
  const nic = plugIn(world, host, segment);
  giveAddress(world, host, nic, address);
  if (gateway !== null) giveGateway(world, host, nic, gateway);
}

function hostsFile(config: ClusterConfig, name: string): string {
  const lines = config.nodes.map((n) => `${n.ip}\t${n.name}\n`).join('');
  return `127.0.0.1\tlocalhost\n127.0.1.1\t${name}\n::1\t\tlocalhost ip6-localhost ip6-loopback\n${lines}${config.network.gateway}\tgateway\n`;
}

/** What kubeadm's preflight wants of a node, and the reference CNI plugins. */
function prepareNode(world: World, host: Host, controlPlane: boolean): void {
  const ns = world.netns.get(host.rootNs);
  if (!ns) return;
  for (const module of ['br_netfilter', 'overlay', 'vxlan', 'veth', 'nf_conntrack']) host.modules.add(module);
  for (const key of [
    'net.ipv4.ip_forward',
    'net.bridge.bridge-nf-call-iptables',
    'net.bridge.bridge-nf-call-ip6tables',
  ])
    setSysctl(world, host, ns, key, '1');
  putDir(host.fs, '/etc/cni/net.d');
  putDir(host.fs, '/var/lib/cni/networks');
  putDir(host.fs, '/var/log/pods').mount = 'pod-logs';
  putDir(host.fs, '/var/log/containers').mount = 'container-logs';
  for (const { name, file, dir } of installedCommands()) {
    if (dir === '/usr/lib/cni' && file && file !== 'flannel')
      putFile(host.fs, `/opt/cni/bin/${file}`, '', { mode: 0o755, program: name });
  }
  installUnits(host);
  putFile(host.fs, '/etc/crictl.yaml', 'runtime-endpoint: unix:///run/containerd/containerd.sock\n');
  putFile(host.fs, '/etc/kubernetes/kubelet.conf', 'apiVersion: v1\nkind: Config\n', { mode: 0o600 });
  putFile(host.fs, '/root/.kube/config', kubeconfig(API_SERVER), { mode: 0o600 });
  if (controlPlane) putFile(host.fs, '/etc/kubernetes/admin.conf', kubeconfig(API_SERVER), { mode: 0o600 });
}

/** Runs until every Pod that is there runs. */
function settle(machine: Machine): void {
  const { world } = machine;
  const done = () => listObjects(world, 'pods').every((pod) => pod.status?.phase === 'Running');
  while (world.now < SETTLE_LIMIT) {
    machine.pump();
    if (done()) return;
    const at = machine.nextAt();
    if (at === null) break;
    machine.advance(at);
  }
  const waiting = listObjects(world, 'pods').filter((pod) => pod.status?.phase !== 'Running');
  throw new Error(
    `the scene does not settle: ${waiting.map((pod) => `${pod.metadata.name} ${pod.status?.phase}`).join(', ')}: ${listObjects(
      world,
      'events',
    )
      .map((e) => e.message)
      .slice(-3)
      .join('; ')}`,
  );
}

/** What the scene began with was there before virtual time: processes, containers, what they wrote. */
function makeOld(host: Host): void {
  for (const process of host.processes.values()) process.started -= AGE * 1_000_000;
  for (const container of host.containers.values()) {
    container.started -= AGE * 1_000_000;
    for (const line of container.log) line.at -= AGE * 1_000_000;
  }
  for (const entry of host.journal ?? []) entry.at -= AGE * 1_000_000;
}

/** Lets virtual time pass. */
function run(machine: Machine, us: number): void {
  const until = machine.world.now + us;
  for (;;) {
    machine.pump();
    const at = machine.nextAt();
    if (at === null || at > until) break;
    machine.advance(at);
  }
  machine.advance(until);
}

/** The whole scene. */
export function buildCluster(machine: Machine, config: ClusterConfig): void {
  const { world } = machine;
  world.cluster = createCluster();
  world.epoch -= AGE;
  const segment = createSegment(world, config.network.name, SEGMENT_DELAY);
  const hosts = config.nodes.map((n) => {
    const host = addHost(world, n.name);
    connect(world, host, segment, `${n.ip}/${config.network.length}`, config.network.gateway);
    prepareNode(world, host, n.controlPlane === true);
    preload(host, sceneImages(config));
    return host;
  });
  const gateway = addHost(world, 'gateway');
  connect(world, gateway, segment, `${config.network.gateway}/${config.network.length}`, null);
  installUnits(gateway, units.filter(everywhere));
  for (const host of world.hosts.values()) putFile(host.fs, '/etc/hosts', hostsFile(config, host.name));

  startResolver(machine, gateway, hosts, config.network.gateway);

  createBasics(world, config);
  createSystemPods(world, config);
  for (const host of hosts) for (const unit of units) startUnit(machine, host, unit);
  for (const unit of units.filter(everywhere)) startUnit(machine, gateway, unit);
  machine.spawn({
    host: hosts[0] as Host,
    argv: ['kube-controller-manager'],
    main: controllers,
    daemon: true,
    cwd: '/',
  });
  settle(machine);
  createWorkloads(world);
  if (config.nodeLocalDns) createNodeLocalDns(world);
  settle(machine);
  createPods(world, config);
  settle(machine);
  run(machine, FOLLOW_UP);
  clusterOf(world).objects.delete('events');
  clusterOf(world).told.clear();
  for (const host of world.hosts.values()) makeOld(host);
  world.epoch += AGE;
}
