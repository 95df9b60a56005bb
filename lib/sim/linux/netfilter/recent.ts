/** The address lists of the recent match, one table a name: /proc/net/xt_recent. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import type { NfRule } from './types.ts';

export interface RecentEntry {
  ip: Ip;
  ttl: number;
  /** Jiffies (milliseconds) at which it was seen, at most 255. */
  stamps: number[];
  index: number;
}

export interface RecentTable {
  name: string;
  family: 'ip' | 'ip6';
  entries: RecentEntry[];
}

/** Virtual time in jiffies (HZ 1000), counted as the kernel does from five minutes before a 32-bit wrap. */
export const jiffies = (world: World): number => 4294667296 + Math.floor(world.now / 1000);

type Tables = Record<string, RecentTable>;

function tablesOf(ns: NetNs): Tables {
  ns.ext.recent ??= {};
  return ns.ext.recent as Tables;
}

/** The table of that name, made when it is not there. */
export function recentTable(ns: NetNs, family: 'ip' | 'ip6', name: string): RecentTable {
  const tables = tablesOf(ns);
  return (tables[`${family} ${name}`] ??= { name, family, entries: [] });
}

/** Names that exist: those that rules refer to, as directory entries of /proc/net/xt_recent. */
export const recentNames = (ns: NetNs, family: 'ip' | 'ip6' = 'ip'): string[] =>
  Object.values(tablesOf(ns))
    .filter((t) => t.family === family)
    .map((t) => t.name);

/** Makes and drops tables so that exactly those exist which rules name: the kernel counts references. */
export function syncRecent(ns: NetNs, rules: Iterable<{ family: string; rule: NfRule }>): void {
  const wanted = new Set<string>();
  for (const { family, rule } of rules) {
    if (family !== 'ip' && family !== 'ip6') continue;
    for (const m of rule.matches) {
      if (m.name !== 'recent') continue;
      recentTable(ns, family, String(m.args.name));
      wanted.add(`${family} ${m.args.name}`);
    }
  }
  const tables = tablesOf(ns);
  for (const key of Object.keys(tables)) if (!wanted.has(key)) delete tables[key];
}

/** Text of /proc/net/xt_recent/NAME. Null when there is no such table. */
export function recentText(ns: NetNs, name: string, family: 'ip' | 'ip6' = 'ip'): string | null {
  const table = tablesOf(ns)[`${family} ${name}`];
  if (!table) return null;
  return table.entries
    .map(
      (e) =>
        `src=${formatIp(e.ip)} ttl: ${e.ttl} last_seen: ${e.stamps[(e.index - 1 + e.stamps.length) % e.stamps.length]} oldest_pkt: ${e.index} ${e.stamps.join(', ')}\n`,
    )
    .join('');
}

/** ip_pkt_list_tot: time stamps kept of an address. */
export const MAX_STAMPS = 255;

/** An address was seen once more: recent_entry_update(). */
export function touchRecent(entry: RecentEntry, now: number): void {
  if (entry.stamps.length < MAX_STAMPS) entry.stamps.push(now);
  else entry.stamps[entry.index % MAX_STAMPS] = now;
  entry.index = (entry.index % MAX_STAMPS) + 1;
}

/**
 * Takes what is written to the file: `/` flushes, `+ADDR` adds or sees again, `-ADDR` removes. Answers an errno or null.
 * recent_mt_proc_write() in net/netfilter/xt_recent.c.
 */
export function writeRecent(
  world: World,
  ns: NetNs,
  name: string,
  data: string,
  family: 'ip' | 'ip6' = 'ip',
): string | null {
  const table = tablesOf(ns)[`${family} ${name}`];
  if (!table) return 'ENOENT';
  if (data[0] === '/') {
    table.entries = [];
    return null;
  }
  const ip = parseIp(data.slice(1).split('\n')[0] as string);
  if (!/^[+-]/.test(data) || ip === null) return 'EINVAL';
  const at = table.entries.findIndex((e) => e.ip === ip);
  const entry = table.entries[at];
  if (data[0] === '-') {
    if (entry) table.entries.splice(at, 1);
  } else if (entry) touchRecent(entry, jiffies(world));
  else table.entries.push({ ip, ttl: 0, stamps: [jiffies(world)], index: 1 });
  return null;
}
