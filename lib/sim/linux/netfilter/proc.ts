/** netfilter's files under /proc/net: connections, statistics, address lists of the recent match. */
import type { World } from '../../kernel/world.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { procConntrack } from '../conntrack/format.ts';
import { conntrackCount } from '../conntrack/table.ts';
import { lazyDir, readOnly, writable } from '../proc/nodes.ts';
import type { NetNs } from '../types.ts';
import { recentNames, recentText, writeRecent } from './recent.ts';

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

/** netfilter's entries of /proc/net in one namespace. */
export function netfilterEntries(world: World, ns: NetNs): [string, VNode][] {
  const lists = (family: 'ip' | 'ip6') =>
    lazyDir(() =>
      recentNames(ns, family).map((name): [string, VNode] => [
        name,
        writable(
          () => recentText(ns, name, family) ?? '',
          (data) => writeRecent(world, ns, name, data, family),
        ),
      ]),
    );
  return [
    ['nf_conntrack', readOnly(() => procConntrack(world, ns))],
    ['stat', lazyDir(() => [['nf_conntrack', readOnly(() => statText(world, ns))]])],
    ['xt_recent', lists('ip')],
    ['ip6t_recent', lists('ip6')],
  ];
}

/** /proc/net/ip_tables_names: tables of the legacy front end. */
export const legacyTableNames = (ns: NetNs, family: string): string =>
  [...ns.nf.tables.values()]
    .filter((t) => t.owner === 'iptables' && t.family === family)
    .map((t) => `${t.name}\n`)
    .join('');
