/** The tree of sysctls that a namespace shows under /proc/sys. */
import type { Host } from '../../kernel/world.ts';
import { ipvsKeys } from '../ipvs/sysctl.ts';
import { findLink, linksByIndex } from '../link/find.ts';
import type { NetNs } from '../types.ts';
import { hostKeys, namespaceKeys, splitConfKey } from './defaults.ts';

const EXTRA = [
  'kernel.hostname',
  'kernel.osrelease',
  'kernel.version',
  'net.ipv4.ip_forward',
  'net.netfilter.nf_conntrack_count',
  'net.nf_conntrack_max',
];

/** The path of a key below /proc/sys. Interface names keep their dots. */
export function sysctlPath(key: string): string[] {
  const conf = splitConfKey(key);
  return conf ? [...conf.prefix.split('.').slice(0, -1), conf.iface, conf.leaf] : key.split('.');
}

/** The key of a path below /proc/sys. */
export const sysctlKey = (path: readonly string[]): string => path.join('.');

/** Keys of one kind with the directories they lie in, worked out once. */
interface KeySet {
  paths: readonly string[][];
  dirs: ReadonlySet<string>;
}

function keySet(keys: readonly string[]): KeySet {
  const paths = keys.map(sysctlPath);
  const dirs = new Set<string>();
  for (const path of paths) for (let i = 0; i < path.length; i++) dirs.add(path.slice(0, i).join('/'));
  return { paths, dirs };
}

let sets: { namespace: KeySet; host: KeySet; hostNet: KeySet; ipvs: KeySet } | null = null;

function keySets(): NonNullable<typeof sets> {
  sets ??= {
    namespace: keySet([...namespaceKeys([]).filter((key) => !splitConfKey(key)), ...EXTRA]),
    host: keySet(hostKeys().filter((key) => !key.startsWith('net.'))),
    hostNet: keySet(hostKeys().filter((key) => key.startsWith('net.'))),
    ipvs: keySet(ipvsKeys()),
  };
  return sets;
}

/** The sets a namespace has; those of its interfaces come on top. */
function setsOf(host: Host, ns: NetNs): KeySet[] {
  const all = keySets();
  const there = [all.namespace, all.host];
  if (ns.id === host.rootNs) there.push(all.hostNet);
  if (host.modules.has('ip_vs')) there.push(all.ipvs);
  return there;
}

/** Whether a path below /proc/sys is a directory. */
export function isSysctlDir(host: Host, ns: NetNs, parts: readonly string[]): boolean {
  const [net, family, tree, iface] = parts;
  if (net === 'net' && (family === 'ipv4' || family === 'ipv6') && (tree === 'conf' || tree === 'neigh')) {
    if (iface === undefined) return true;
    if (parts.length > 4) return false;
    if (iface === 'default' && tree === 'neigh') return ns.id === host.rootNs;
    return iface === 'default' || (iface === 'all' && tree === 'conf') || findLink(ns, iface)?.name === iface;
  }
  const path = parts.join('/');
  return setsOf(host, ns).some((set) => set.dirs.has(path));
}

/** Every sysctl of namespaces of one make, and what each directory holds. */
interface Tree {
  paths: readonly (readonly string[])[];
  dirs: ReadonlyMap<string, ReadonlySet<string>>;
}

/** By what decides which sysctls there are. A walk through /proc/sys asks for the same one again and again. */
const trees = new Map<string, Tree>();
const TREES = 4;

function treeOf(host: Host, ns: NetNs): Tree {
  const interfaces = linksByIndex(ns).map((l) => l.name);
  const key = [ns.id === host.rootNs, host.modules.has('ip_vs'), ...interfaces].join('/');
  const known = trees.get(key);
  if (known) return known;
  const paths = listPaths(host, ns, interfaces);
  const dirs = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let i = 0; i < path.length; i++) {
      const dir = path.slice(0, i).join('/');
      const names = dirs.get(dir);
      if (names) names.add(path[i] as string);
      else dirs.set(dir, new Set([path[i] as string]));
    }
  }
  if (trees.size >= TREES) trees.clear();
  const made = { paths, dirs };
  trees.set(key, made);
  return made;
}

/** Paths of every sysctl that is there, in the order of a directory walk. */
export const sysctlPaths = (host: Host, ns: NetNs): readonly (readonly string[])[] => treeOf(host, ns).paths;

/** Names in a directory below /proc/sys, in order. */
export const sysctlNames = (host: Host, ns: NetNs, parts: readonly string[]): readonly string[] => [
  ...(treeOf(host, ns).dirs.get(parts.join('/')) ?? []),
];

function listPaths(host: Host, ns: NetNs, interfaces: readonly string[]): string[][] {
  const paths = new Map<string, string[]>();
  for (const set of setsOf(host, ns)) for (const path of set.paths) paths.set(path.join('/'), path);
  for (const key of namespaceKeys(interfaces)) {
    const conf = splitConfKey(key);
    if (!conf || (conf.iface === 'default' && conf.prefix.endsWith('.neigh.') && ns.id !== host.rootNs)) continue;
    const path = sysctlPath(key);
    paths.set(path.join('/'), path);
  }
  return [...paths.values()].sort(comparePaths);
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}
