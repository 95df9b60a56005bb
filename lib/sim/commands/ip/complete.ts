/** Completion for `ip`: objects, verbs, and names of links and namespaces. */
import { getNode } from '../../shell/vfs/tree.ts';
import type { CompletionRequest } from '../contract.ts';

const OBJECTS = ['address', 'link', 'neighbour', 'netns', 'nexthop', 'route', 'rule', 'tunnel'];
const VERBS: Readonly<Record<string, readonly string[]>> = {
  address: ['add', 'delete', 'flush', 'show'],
  link: ['add', 'delete', 'set', 'show'],
  neighbour: ['add', 'change', 'delete', 'flush', 'get', 'replace', 'show'],
  netns: ['add', 'delete', 'exec', 'identify', 'list', 'pids'],
  nexthop: ['add', 'delete', 'list'],
  route: ['add', 'append', 'delete', 'flush', 'get', 'replace', 'show'],
  rule: ['add', 'delete', 'flush', 'show'],
  tunnel: ['show'],
};
const TYPES = ['bridge', 'dummy', 'geneve', 'ipip', 'ipvlan', 'macvlan', 'veth', 'vlan', 'vxlan', 'wireguard'];

/** Candidates for the word under the cursor. */
export function completeIp({ proc, words, word }: CompletionRequest): string[] {
  const before = words[words.length - 1] ?? '';
  const names = () => [...proc.netns.links.values()].map((l) => l.name);
  const spaces = () => {
    const dir = getNode(proc.root, '/run/netns');
    return dir?.type === 'dir' ? [...dir.entries.keys()] : [];
  };
  const plain = words
    .slice(1)
    .filter((w, i, all) => !w.startsWith('-') && all[i - 1] !== '-n' && all[i - 1] !== '-netns');
  const object = plain[0] === undefined ? undefined : OBJECTS.find((o) => o.startsWith(plain[0] as string));
  let list: readonly string[];
  if (
    before === '-n' ||
    before === 'netns' ||
    (object === 'netns' && ['exec', 'delete', 'del', 'pids'].includes(before))
  )
    list = spaces();
  else if (['dev', 'master', 'link', 'iif', 'oif', 'peer'].includes(before)) list = names();
  else if (before === 'type') list = TYPES;
  else if (!object) list = OBJECTS;
  else if (plain.length === 1) list = VERBS[object] ?? [];
  else
    list =
      object === 'link' || object === 'address'
        ? [...names(), 'dev', 'up', 'down', 'type', 'master']
        : ['dev', 'via', 'table', 'proto', 'scope'];
  return list.filter((c) => c.startsWith(word));
}
