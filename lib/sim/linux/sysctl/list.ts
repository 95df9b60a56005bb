/** The tree of sysctls that a namespace shows under /proc/sys. */
import type { Host, World } from '../../kernel/world.ts';
import { ipvsKeys } from '../ipvs/sysctl.ts';
import { linksByIndex } from '../link/find.ts';
import type { NetNs } from '../types.ts';
import { hostKeys, namespaceKeys, splitConfKey } from './defaults.ts';
import { getSysctl } from './sysctl.ts';

const EXTRA = [
  'kernel.hostname',
  'kernel.osrelease',
  'kernel.version',
  'net.ipv4.ip_forward',
  'net.netfilter.nf_conntrack_count',
];

/** The path of a key below /proc/sys. Interface names keep their dots. */
export function sysctlPath(key: string): string[] {
  const conf = splitConfKey(key);
  return conf ? [...conf.prefix.split('.').slice(0, -1), conf.iface, conf.leaf] : key.split('.');
}

/** The key of a path below /proc/sys. */
export const sysctlKey = (path: readonly string[]): string => path.join('.');

/** Paths of every sysctl that is there, in the order of a directory walk. */
export function sysctlPaths(world: World, host: Host, ns: NetNs): string[][] {
  const seen = new Set<string>();
  const paths: string[][] = [];
  for (const key of [...namespaceKeys(linksByIndex(ns).map((l) => l.name)), ...hostKeys(), ...ipvsKeys(), ...EXTRA]) {
    if (seen.has(key) || getSysctl(world, host, ns, key) === null) continue;
    seen.add(key);
    paths.push(sysctlPath(key));
  }
  return paths.sort(comparePaths);
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}
