/** Default values by key, parsed once from the tables beside this file. */
import { CONF4_DEFAULTS, CONF6_DEFAULTS, NEIGH_DEFAULTS } from './conf-defaults.ts';
import { HOST_DEFAULTS } from './host-defaults.ts';
import { NAMESPACE_DEFAULTS } from './net-defaults.ts';

function parse(table: string, prefix = ''): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of table.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) map.set(prefix + line, '');
    else map.set(prefix + line.slice(0, space), line.slice(space + 1));
  }
  return map;
}

const namespace = parse(NAMESPACE_DEFAULTS, 'net.');
const host = parse(HOST_DEFAULTS);
const trees: readonly {
  prefix: string;
  leaves: ReadonlyMap<string, string>;
  all: Readonly<Record<string, string>> | null;
}[] = [
  { prefix: 'net.ipv4.conf.', leaves: parse(CONF4_DEFAULTS), all: { accept_source_route: '0' } },
  { prefix: 'net.ipv6.conf.', leaves: parse(CONF6_DEFAULTS), all: { accept_dad: '0', mtu: '1280' } },
  { prefix: 'net.ipv4.neigh.', leaves: parse(NEIGH_DEFAULTS), all: null },
  { prefix: 'net.ipv6.neigh.', leaves: parse(NEIGH_DEFAULTS.replace('locktime 100', 'locktime 0')), all: null },
];

/** Only `neigh.default` of the initial namespace has these. */
const NEIGH_TABLE: Readonly<Record<string, string>> = {
  gc_interval: '30',
  gc_thresh1: '128',
  gc_thresh2: '512',
  gc_thresh3: '1024',
};

/** Interface, leaf and tree of a per-interface key; null for any other key. Interface names may hold dots. */
export function splitConfKey(key: string): { prefix: string; iface: string; leaf: string } | null {
  for (const tree of trees) {
    if (!key.startsWith(tree.prefix)) continue;
    const dot = key.lastIndexOf('.');
    if (dot <= tree.prefix.length) return null;
    return { prefix: tree.prefix, iface: key.slice(tree.prefix.length, dot), leaf: key.slice(dot + 1) };
  }
  return null;
}

/** The default of a key of a namespace, or undefined when there is no such key. Interfaces are not checked. */
export function namespaceDefault(key: string): string | undefined {
  const plain = namespace.get(key);
  if (plain !== undefined) return plain;
  const conf = splitConfKey(key);
  if (!conf) return undefined;
  const tree = trees.find((t) => t.prefix === conf.prefix);
  if (!tree || (conf.iface === 'all' && !tree.all)) return undefined;
  if (conf.iface === 'all' || (conf.iface === 'default' && conf.leaf === 'mtu')) {
    const special = tree.all?.[conf.leaf];
    if (special !== undefined) return special;
  }
  if (conf.iface === 'default' && !tree.all && conf.leaf in NEIGH_TABLE) return NEIGH_TABLE[conf.leaf];
  return tree.leaves.get(conf.leaf);
}

/** The default of a key of the whole host (kernel, vm, fs, and net keys only the initial namespace has). */
export const hostDefault = (key: string): string | undefined => host.get(key);

/** Every key that a namespace with these interfaces has, unsorted. */
export function namespaceKeys(interfaces: readonly string[]): string[] {
  const keys = [...namespace.keys()];
  for (const tree of trees) {
    for (const iface of [...(tree.all ? ['all'] : []), 'default', ...interfaces]) {
      for (const leaf of tree.leaves.keys()) keys.push(`${tree.prefix}${iface}.${leaf}`);
    }
    if (!tree.all) for (const leaf of Object.keys(NEIGH_TABLE)) keys.push(`${tree.prefix}default.${leaf}`);
  }
  return keys;
}

/** Every key of the whole host, unsorted. */
export const hostKeys = (): string[] => [...host.keys()];
