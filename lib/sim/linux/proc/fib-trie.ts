/** /proc/net/fib_trie and /proc/net/fib_triestat: net/ipv4/fib_trie.c. */
import { formatIp } from '../../addr/ip.ts';
import { tableOrder } from '../route/table.ts';
import type { NetNs, Route, RouteType } from '../types.ts';
import { emptyChildren, fullChildren, type Leaf, type Tnode, Trie } from './lc-trie.ts';

const SCOPES: Readonly<Record<number, string>> = {
  0: 'universe',
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
};
const TYPES: Readonly<Record<RouteType, string>> = {
  unicast: 'UNICAST',
  local: 'LOCAL',
  broadcast: 'BROADCAST',
  anycast: 'ANYCAST',
  multicast: 'MULTICAST',
  blackhole: 'BLACKHOLE',
  unreachable: 'UNREACHABLE',
  prohibit: 'PROHIBIT',
  throw: 'THROW',
  nat: 'NAT',
};

const indent = (n: number): string => '   '.repeat(n);

function dump(node: Tnode | Leaf, depth: number, byKey: ReadonlyMap<number, Route[]>): string {
  if (node.bits > 0) {
    const tn = node as Tnode;
    let text = `${indent(depth - 1)}  +-- ${formatIp(tn.key)}/${32 - tn.pos - tn.bits} ${tn.bits} ${fullChildren(tn)} ${emptyChildren(tn)}\n`;
    for (const child of tn.children) if (child) text += dump(child, child.bits > 0 ? depth + 1 : depth, byKey);
    return text;
  }
  let text = `${indent(depth)}  |-- ${formatIp(node.key)}\n`;
  for (const route of byKey.get(node.key) ?? []) {
    text += `${indent(depth + 1)}  /${route.dst.len} ${SCOPES[route.scope] ?? `scope-${route.scope}`} ${TYPES[route.type]}${route.tos ? ` tos=${route.tos}\n` : ''}\n`;
  }
  return text;
}

/** The trie of a table, and the routes of each of its keys. */
function grow(routes: readonly Route[]): { root: Tnode | Leaf | null; byKey: Map<number, Route[]> } {
  const byKey = new Map<number, Route[]>();
  const trie = new Trie();
  for (const route of routes) {
    const key = route.dst.ip as number;
    const at = byKey.get(key);
    if (at) at.push(route);
    else byKey.set(key, [route]);
    trie.insert(key);
  }
  for (const list of byKey.values()) list.sort((a, b) => b.dst.len - a.dst.len);
  return { root: trie.root, byKey };
}

/** Tables with their names. While there are only the rules of the start, local and main are one trie, and both show it. */
function tables(ns: NetNs): { name: string; routes: readonly Route[] }[] {
  const merged =
    ns.rules4.length === 3 &&
    ns.rules4.every((r) => r.action === 'lookup' && !r.from && !r.to && !r.fwmark && !r.iif && !r.oif);
  const both = [...(ns.routes4.get(255) ?? []), ...(ns.routes4.get(254) ?? [])].sort(
    (a, b) => (a.dst.ip as number) - (b.dst.ip as number),
  );
  const ids = new Set([...tableOrder(ns, 4), 254, 255]);
  return [...ids]
    .sort((a, b) => (a & 255) - (b & 255))
    .map((id) => ({
      name: id === 254 ? 'Main' : id === 255 ? 'Local' : `Id ${id}`,
      routes: merged && (id === 254 || id === 255) ? both : (ns.routes4.get(id) ?? []),
    }));
}

/** /proc/net/fib_trie: fib_trie_seq_show. */
export const fibTrie = (ns: NetNs): string =>
  tables(ns)
    .map(({ name, routes }) => {
      const { root, byKey } = grow(routes);
      return root ? `${name}:\n${dump(root, root.bits > 0 ? 1 : 0, byKey)}` : '';
    })
    .join('');

/** Bytes of a leaf, of an inner node without children, of a route, of a pointer: 64-bit kernels. */
const SIZES = { leaf: 48, tnode: 40, alias: 56, pointer: 8 };

/** trie_show_stats. */
function stats(root: Tnode | Leaf | null, prefixes: number): string {
  let [leaves, total, deepest, inner, empty] = [0, 0, 0, 0, 0];
  const bySize = new Map<number, number>();
  const walk = (node: Tnode | Leaf, depth: number): void => {
    if (node.bits === 0) {
      leaves++;
      total += depth;
      deepest = Math.max(deepest, depth);
      return;
    }
    inner++;
    bySize.set(node.bits, (bySize.get(node.bits) ?? 0) + 1);
    empty += emptyChildren(node as Tnode);
    for (const child of (node as Tnode).children) if (child) walk(child, depth + 1);
  };
  if (root) walk(root, 0);
  const average = leaves === 0 ? 0 : Math.floor((total * 100) / leaves);
  const sizes = [...bySize].sort((a, b) => a[0] - b[0]);
  const pointers = sizes.reduce((n, [bits, count]) => n + 2 ** bits * count, 0);
  const bytes = SIZES.leaf * leaves + SIZES.alias * prefixes + SIZES.tnode * inner + SIZES.pointer * pointers;
  return [
    `\tAver depth:     ${Math.floor(average / 100)}.${String(average % 100).padStart(2, '0')}`,
    `\tMax depth:      ${deepest}`,
    `\tLeaves:         ${leaves}`,
    `\tPrefixes:       ${prefixes}`,
    `\tInternal nodes: ${inner}`,
    `\t${sizes.map(([bits, count]) => `  ${bits}: ${count}`).join('')}`,
    `\tPointers: ${pointers}`,
    `Null ptrs: ${empty}`,
    `Total size: ${Math.ceil(bytes / 1024)}  kB\n`,
  ].join('\n');
}

/** /proc/net/fib_triestat: fib_triestat_seq_show. */
export const fibTrieStat = (ns: NetNs): string =>
  `Basic info: size of leaf: ${SIZES.leaf} bytes, size of tnode: ${SIZES.tnode} bytes.\n${tables(ns)
    .map(({ name, routes }) => `${name}:\n${stats(grow(routes).root, routes.length)}`)
    .join('')}`;
