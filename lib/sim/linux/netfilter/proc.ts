/** netfilter's files under /proc/net: connections, statistics, address lists of the recent match. */
import type { World } from '../../kernel/world.ts';
import { procConntrack } from '../conntrack/format.ts';
import { conntrackCount } from '../conntrack/table.ts';
import type { NetNs } from '../types.ts';
import { recentNames, recentText, writeRecent } from './recent.ts';

export interface ProcFile {
  read(): string;
  /** Answers an errno name, or null when it took the text. */
  write?(data: string): string | null;
}

const STAT_HEAD =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n';

function statText(world: World, ns: NetNs): string {
  const cpus = world.hosts.get(ns.host)?.cpus ?? 1;
  const hex = (n: number) => n.toString(16).padStart(8, '0');
  const stat = (name: string) => ns.ct.stats[name] ?? 0;
  const count = conntrackCount(world, ns);
  let text = STAT_HEAD;
  for (let cpu = 0; cpu < cpus; cpu++) {
    const own = (name: string) => hex(cpu === 0 ? stat(name) : 0);
    text += `${hex(count)}  ${own('clash_resolve')} ${own('found')} 00000000 ${own('invalid')} 00000000 00000000 00000000 ${own('insert')} ${own('insert_failed')} ${own('drop')} ${own('early_drop')} ${own('error')}  00000000 00000000 00000000 ${own('search_restart')}\n`;
  }
  return text;
}

/** The file at a path below /proc/net (`['xt_recent', 'NAME']`), or null when netfilter has none there. */
export function netfilterProcFile(world: World, ns: NetNs, path: readonly string[]): ProcFile | null {
  const [first, second] = path;
  if (path.length === 1 && first === 'nf_conntrack') return { read: () => procConntrack(world, ns) };
  if (path.length === 2 && first === 'stat' && second === 'nf_conntrack') return { read: () => statText(world, ns) };
  if (path.length === 2 && (first === 'xt_recent' || first === 'ip6t_recent') && second !== undefined) {
    const family = first === 'xt_recent' ? 'ip' : 'ip6';
    if (recentText(ns, second, family) === null) return null;
    return { read: () => recentText(ns, second, family) ?? '', write: (data) => writeRecent(world, ns, second, data, family) };
  }
  return null;
}

/** Names in netfilter's directories below /proc/net: `xt_recent`. Null for other directories. */
export function netfilterProcDir(ns: NetNs, path: readonly string[]): string[] | null {
  return path.length === 1 && path[0] === 'xt_recent' ? recentNames(ns) : null;
}
