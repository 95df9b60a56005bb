/** A container's root file system: its image's files, what the kubelet manages in /etc, its volumes. */
import type { Container, Host, World } from '../../kernel/world.ts';
import { baseFileSystem, installPrograms } from '../../scene/host.ts';
import { getNode, putDir, putFile, putNode, removeNode } from '../../shell/vfs/tree.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { ZONE } from '../dns/answer.ts';
import type { ImageInfo } from '../programs/registry.ts';
import { getObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { dataOf, podField } from './environment.ts';
import type { ContainerSpec } from './spec.ts';

const fileText = (host: Host, path: string): string => {
  const node = getNode(host.fs, path);
  return node?.type === 'file' ? node.data : '';
};

/** The Pod's host name: spec.hostname, or its name cut to 63 characters; the node's for a Pod in the node's network. */
export const hostnameOf = (host: Host, pod: KubeObject): string =>
  pod.spec?.hostNetwork ? host.name : (pod.spec?.hostname ?? pod.metadata.name.slice(0, 63).replace(/[-.]+$/, ''));

/** /etc/resolv.conf by dnsPolicy and dnsConfig. Source: pkg/kubelet/network/dns/dns.go. */
function resolvConf(world: World, host: Host, pod: KubeObject): string {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst';
  const dns = getObject(world, 'services', 'kube-system', 'kube-dns')?.spec?.clusterIP as string | undefined;
  const cluster =
    dns !== undefined &&
    (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec?.hostNetwork !== true));
  const extra = pod.spec?.dnsConfig as
    | { nameservers?: string[]; searches?: string[]; options?: { name: string; value?: string }[] }
    | undefined;
  const nodes = fileText(host, '/etc/resolv.conf');
  if (policy !== 'None' && !cluster && !extra) return nodes;
  const field = (name: string): string[] =>
    nodes.split('\n').flatMap((l) => (l.startsWith(`${name} `) ? l.slice(name.length).trim().split(/\s+/) : []));
  const base =
    policy === 'None'
      ? { servers: [], searches: [], options: [] }
      : cluster
        ? {
            servers: [dns],
            searches: [`${pod.metadata.namespace}.svc.${ZONE}`, `svc.${ZONE}`, ZONE, ...field('search')],
            options: ['ndots:5'],
          }
        : { servers: field('nameserver'), searches: field('search'), options: field('options') };
  const given = (extra?.options ?? []).map((o) => (o.value ? `${o.name}:${o.value}` : o.name));
  const nameOf = (option: string) => option.split(':', 1)[0];
  const options = [...base.options.filter((o) => !given.some((g) => nameOf(g) === nameOf(o))), ...given];
  const searches = [...new Set([...base.searches, ...(extra?.searches ?? [])])];
  const servers = [...new Set([...base.servers, ...(extra?.nameservers ?? [])])];
  return `${searches.length > 0 ? `search ${searches.join(' ')}\n` : ''}${servers.map((s) => `nameserver ${s}\n`).join('')}${options.length > 0 ? `options ${options.join(' ')}\n` : ''}`;
}

/** /etc/hosts. Source: pkg/kubelet/kubelet_pods.go (managedHostsFileContent, hostsEntriesFromHostAliases). */
function hostsFile(host: Host, pod: KubeObject, ips: readonly string[]): string {
  const aliases = (pod.spec?.hostAliases ?? []) as { ip: string; hostnames?: string[] }[];
  const tail =
    aliases.length === 0
      ? ''
      : `\n# Entries added by HostAliases.\n${aliases.map((a) => `${a.ip}\t${(a.hostnames ?? []).join('\t')}\n`).join('')}`;
  if (pod.spec?.hostNetwork)
    return `# Kubernetes-managed hosts file (host network).\n${fileText(host, '/etc/hosts')}${tail}`;
  const name = hostnameOf(host, pod);
  const full =
    pod.spec?.subdomain === undefined ? '' : `${name}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${ZONE}\t`;
  const own = ips.map((ip) => `${ip}\t${full}${name}\n`).join('');
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${own}${tail}`;
}

type Items = { key: string; path: string }[] | undefined;

const picked = (data: ReadonlyMap<string, string>, items: Items): [string, string][] =>
  items
    ? items.flatMap(({ key, path }): [string, string][] => (data.has(key) ? [[path, data.get(key) as string]] : []))
    : [...data];

/** Where a Pod's volumes live on the node. */
export const podFolder = (uid: string): string => `/var/lib/kubelet/pods/${uid}`;
const PLUGIN: Readonly<Record<string, string>> = {
  emptyDir: 'kubernetes.io~empty-dir',
  configMap: 'kubernetes.io~configmap',
  secret: 'kubernetes.io~secret',
  projected: 'kubernetes.io~projected',
  downwardAPI: 'kubernetes.io~downward-api',
};

// biome-ignore lint/suspicious/noExplicitAny: volumes are as open as the API
type Volume = { name: string } & Record<string, any>;

/** The files of one source, by path; or what is missing. */
function filesOf(
  world: World,
  host: Host,
  pod: KubeObject,
  ips: readonly string[],
  source: Volume,
): Map<string, string> | string {
  const namespace = pod.metadata.namespace ?? 'default';
  const files = new Map<string, string>();
  for (const kind of ['configMap', 'secret'] as const) {
    const from = source[kind];
    if (!from) continue;
    const name = String(from.name ?? from.secretName);
    const data = dataOf(world, kind === 'secret' ? 'secrets' : 'configmaps', namespace, name);
    if (!data && !from.optional) return `${kind.toLowerCase()} "${name}" not found`;
    for (const [path, text] of picked(data ?? new Map(), from.items)) files.set(path, text);
  }
  for (const item of source.downwardAPI?.items ?? [])
    if (item.fieldRef) files.set(item.path, podField(world, host, pod, ips, item.fieldRef.fieldPath) ?? '');
  if (source.serviceAccountToken)
    files.set(
      String(source.serviceAccountToken.path),
      `flatnet-token.${namespace}.${pod.spec?.serviceAccountName ?? 'default'}.${pod.metadata.uid}`,
    );
  for (const part of source.projected?.sources ?? []) {
    const more = filesOf(world, host, pod, ips, part);
    if (typeof more === 'string') return more;
    for (const [path, text] of more) files.set(path, text);
  }
  return files;
}

/** Makes the Pod's volumes on the node, and writes anew those that come from the API. Answers what fails: volume and message. */
export function setUpVolumes(
  world: World,
  host: Host,
  pod: KubeObject,
  ips: readonly string[],
): { volume: string; message: string } | null {
  for (const volume of (pod.spec?.volumes ?? []) as Volume[]) {
    if (volume.hostPath) {
      const { path, type } = volume.hostPath as { path: string; type?: string };
      const node = getNode(host.fs, path);
      if (!node && type === 'FileOrCreate') putFile(host.fs, path, '');
      else if (!node && (!type || type === 'DirectoryOrCreate')) putDir(host.fs, path);
      else if ((!node && type) || (node?.type === 'file' && type === 'Directory'))
        return {
          volume: volume.name,
          message: `hostPath type check failed: ${path} is not a ${type === 'File' ? 'file' : 'directory'}`,
        };
      continue;
    }
    const kind = Object.keys(PLUGIN).find((k) => volume[k] !== undefined);
    if (!kind) continue;
    const folder = `${podFolder(pod.metadata.uid ?? '')}/volumes/${PLUGIN[kind]}/${volume.name}`;
    if (kind === 'emptyDir') {
      if (!getNode(host.fs, folder)) putDir(host.fs, folder, { mode: 0o777 });
      continue;
    }
    const files = filesOf(world, host, pod, ips, volume);
    if (typeof files === 'string') return { volume: volume.name, message: files };
    const dir = putDir(host.fs, folder);
    dir.entries.clear();
    for (const [path, text] of files) putFile(host.fs, `${folder}/${path}`, text);
  }
  return null;
}

/** What a mount shows: the volume's node itself, so that writers and readers share it. */
function mountNode(host: Host, pod: KubeObject, mount: { name: string; subPath?: string }): VNode | undefined {
  const volume = ((pod.spec?.volumes ?? []) as Volume[]).find((v) => v.name === mount.name);
  if (!volume) return undefined;
  const kind = Object.keys(PLUGIN).find((k) => volume[k] !== undefined);
  const base = volume.hostPath
    ? String(volume.hostPath.path)
    : kind && `${podFolder(pod.metadata.uid ?? '')}/volumes/${PLUGIN[kind]}/${volume.name}`;
  if (!base) return undefined;
  const path = mount.subPath ? `${base}/${mount.subPath}` : base;
  if (mount.subPath && !getNode(host.fs, path)) putDir(host.fs, path);
  return getNode(host.fs, path);
}

/** The root. */
export function rootOf(
  world: World,
  host: Host,
  pod: KubeObject,
  spec: ContainerSpec,
  ips: readonly string[],
  info: ImageInfo,
): Container['root'] {
  const root = baseFileSystem(hostnameOf(host, pod));
  installPrograms(root, info.tools);
  if (info.command) putFile(root, info.argv[0] as string, '', { mode: 0o755, program: info.command });
  for (const [path, text] of Object.entries(info.files ?? {})) putFile(root, path, text);
  putFile(root, '/etc/resolv.conf', resolvConf(world, host, pod));
  putFile(root, '/etc/hosts', hostsFile(host, pod, ips));
  for (const mount of spec.volumeMounts ?? []) {
    const node = mountNode(host, pod, mount);
    if (!node) continue;
    removeNode(root, mount.mountPath);
    putDir(root, mount.mountPath.replace(/\/+[^/]+\/*$/, '') || '/');
    putNode(root, mount.mountPath.replace(/\/+$/, ''), node);
  }
  return root;
}
