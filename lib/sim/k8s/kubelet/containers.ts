/** Containers of a Pod: root file system, environment, program. What containerd does for the kubelet. */

import type { FileDesc, Proc } from '../../kernel/process.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { Container, Host, World } from '../../kernel/world.ts';
import type { NetNs } from '../../linux/types.ts';
import { baseFileSystem, installPrograms } from '../../scene/host.ts';
import { findProgram } from '../../shell/program.ts';
import { getNode, putFile } from '../../shell/vfs/tree.ts';
import { ZONE } from '../dns/answer.ts';
import { imageInfo } from '../programs/registry.ts';
import { getObject, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

/** Lines of output that a container keeps. */
const LOG_LINES = 2000;

/** 64 hex digits. */
export function newContainerId(world: World): string {
  let id = '';
  while (id.length < 64) id += nextU32(world.rng).toString(16).padStart(8, '0');
  return id;
}

/** The Pod's /etc/resolv.conf by its dnsPolicy. */
function resolvConf(world: World, host: Host, pod: KubeObject): string {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst';
  const dns = getObject(world, 'services', 'kube-system', 'kube-dns')?.spec?.clusterIP;
  if (policy === 'Default' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork) || !dns) {
    const node = getNode(host.fs, '/etc/resolv.conf');
    return node?.type === 'file' ? node.data : '';
  }
  return `search ${pod.metadata.namespace}.svc.${ZONE} svc.${ZONE} ${ZONE}\nnameserver ${dns}\noptions ndots:5\n`;
}

/** Variables the kubelet puts into every container: Services of the Pod's namespace that were there before it. */
function serviceVariables(world: World, namespace: string): [string, string][] {
  const master = getObject(world, 'services', 'default', 'kubernetes');
  const services = listObjects(world, 'services', { namespace }).filter(
    (s) => s.spec?.clusterIP && s.spec.clusterIP !== 'None' && s !== master,
  );
  return [...(master ? [master] : []), ...services].flatMap((s): [string, string][] => {
    const prefix = s.metadata.name.toUpperCase().replaceAll('-', '_');
    const port = s.spec?.ports?.[0]?.port;
    return port === undefined
      ? []
      : [
          [`${prefix}_SERVICE_HOST`, s.spec?.clusterIP],
          [`${prefix}_SERVICE_PORT`, String(port)],
        ];
  });
}

/** A container's root file system. */
function rootOf(world: World, host: Host, pod: KubeObject, ip: string, image: string): Container['root'] | null {
  const info = imageInfo(image);
  if (!info) return null;
  const { name } = pod.metadata;
  const hostname = pod.spec?.hostNetwork ? host.name : name;
  const root = baseFileSystem(hostname);
  installPrograms(root, info.tools);
  if (info.command) putFile(root, info.argv[0] as string, '', { mode: 0o755, program: info.command });
  putFile(root, '/etc/resolv.conf', resolvConf(world, host, pod));
  if (!pod.spec?.hostNetwork) {
    putFile(
      root,
      '/etc/hosts',
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${ip}\t${name}\n`,
    );
  }
  return root;
}

/** A container's standard output and error: its log. */
const logStream = (container: Container): FileDesc => ({
  kind: 'file',
  path: '/dev/stdout',
  read: () => '',
  remake: (copy) => logStream(copy(container)),
  write: (data) => {
    container.log.push(...data.split('\n').filter((line) => line !== ''));
    if (container.log.length > LOG_LINES) container.log.splice(0, container.log.length - LOG_LINES);
    return null;
  },
});

interface ContainerSpec {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
}

/** Makes a container and starts its program as a child of `kubelet`. Answers it, or the reason it waits for. */
export function startContainer(
  kubelet: Proc,
  pod: KubeObject,
  spec: ContainerSpec,
  netns: NetNs,
  ip: string,
): Container | { waiting: string; message: string } {
  const { world, host, machine } = kubelet;
  const info = imageInfo(spec.image);
  const root = rootOf(world, host, pod, ip, spec.image);
  if (!info || !root)
    return { waiting: 'ErrImagePull', message: `failed to pull and unpack image "${spec.image}": not found` };
  const hostname = pod.spec?.hostNetwork ? host.name : pod.metadata.name;
  const env: [string, string][] = [
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', hostname],
    ...(spec.env ?? []).map((e): [string, string] => [e.name, e.value ?? '']),
    ...serviceVariables(world, pod.metadata.namespace ?? 'default'),
    ['HOME', '/root'],
  ];
  const container: Container = {
    id: newContainerId(world),
    name: spec.name,
    namespace: pod.metadata.namespace ?? 'default',
    pod: pod.metadata.name,
    podUid: pod.metadata.uid ?? '',
    image: spec.image,
    netns: netns.id,
    root,
    hostname,
    env,
    pid: 0,
    started: world.now,
    log: [],
  };
  const log = logStream(container);
  const options = {
    parent: kubelet,
    netns,
    root,
    hostname,
    container: container.id,
    cwd: '/',
    env: new Map(env),
    daemon: true,
    fds: new Map<number, FileDesc>([
      [0, { kind: 'null' }],
      [1, log],
      [2, log],
    ]),
    tty: null,
  };
  const argv = [...(spec.command ?? []), ...(spec.args ?? [])];
  const own = spec.command ? findProgram({ ...kubelet, root, env: new Map(env), cwd: '/' } as Proc, argv) : null;
  if (own && !own.ok) {
    return { waiting: 'RunContainerError', message: `exec: "${argv[0]}": executable file not found in $PATH: unknown` };
  }
  const proc = machine.spawn(
    own?.ok ? { ...options, argv: own.argv, main: own.main } : { ...options, argv: [...info.argv], main: info.main },
  );
  if (!proc) return { waiting: 'RunContainerError', message: 'fork: resource temporarily unavailable' };
  proc.pgid = proc.info.pid;
  container.pid = proc.info.pid;
  host.containers.set(container.id, container);
  return container;
}
