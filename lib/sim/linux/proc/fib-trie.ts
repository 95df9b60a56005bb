/** /proc/net/fib_trie. */
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

function show(name: string, routes: readonly Route[]): string {
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
  return trie.root ? `${name}:\n${dump(trie.root, trie.root.bits > 0 ? 1 : 0, byKey)}` : '';
}

/** While there are only the rules of the start, local and main are one trie, and both show it. */
export function fibTrie(ns: NetNs): string {
  const merged =
    ns.rules4.length === 3 &&
    ns.rules4.every((r) => r.action === 'lookup' && !r.from && !r.to && !r.fwmark && !r.iif && !r.oif);
  const both = [...(ns.routes4.get(255) ?? []), ...(ns.routes4.get(254) ?? [])].sort(
    (a, b) => (a.dst.ip as number) - (b.dst.ip as number),
  );
  const ids = new Set([...tableOrder(ns, 4), 254, 255]);
  return [...ids]
    .sort((a, b) => (a & 255) - (b & 255))
    .map((id) =>
      show(
        id === 254 ? 'Main' : id === 255 ? 'Local' : `Id ${id}`,
        merged && (id === 254 || id === 255) ? both : (ns.routes4.get(id) ?? []),
      ),
    )
    .join('');
}
