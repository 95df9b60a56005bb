import { formatIp, type Ip, maskOf } from '../../../addr/ip.ts';
import { defineMatch, fail } from '../ext.ts';
import { jiffies, type RecentEntry, recentTable, touchRecent } from '../recent.ts';
import { saveString, uintOption } from '../values.ts';
import { hostOption } from '../xtopt.ts';

interface RecentArgs {
  mode: 'set' | 'rcheck' | 'update' | 'remove';
  not: boolean;
  seconds: number;
  reap: boolean;
  hitcount: number;
  rttl: boolean;
  name: string;
  mask: Ip;
  dest: boolean;
}

const MODES = ['set', 'rcheck', 'update', 'remove'];
const LIST_MODES = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' };
/** ip_list_tot: addresses kept in a table. */
const MAX_ENTRIES = 100;

const fullMask = (family: 'ip' | 'ip6'): Ip => (family === 'ip' ? maskOf(4, 32) : maskOf(6, 128));
const masked = (ip: Ip, mask: Ip): Ip =>
  typeof ip === 'bigint' ? ip & (mask as bigint) : (ip & (mask as number)) >>> 0;

export const recent = defineMatch<RecentArgs>({
  name: 'recent',
  options: [
    ...MODES.map((name) => ({ name, invert: true, excl: MODES.filter((m) => m !== name) })),
    { name: 'seconds', arg: true },
    { name: 'reap', also: ['seconds'] },
    { name: 'hitcount', arg: true },
    { name: 'rttl', excl: ['set', 'remove'] },
    { name: 'name', arg: true },
    { name: 'rsource' },
    { name: 'rdest' },
    { name: 'mask', arg: true },
  ],
  init: (ctx) => ({
    mode: 'rcheck',
    not: false,
    seconds: 0,
    reap: false,
    hitcount: 0,
    rttl: false,
    name: 'DEFAULT',
    mask: fullMask(ctx.family),
    dest: false,
  }),
  option(args, id, value, not, ctx) {
    if (MODES.includes(id)) {
      args.mode = id as RecentArgs['mode'];
      args.not = not;
    } else if (id === 'seconds') args.seconds = uintOption('recent', 'seconds', value, 1, 0xffffffff);
    else if (id === 'hitcount') args.hitcount = uintOption('recent', 'hitcount', value, 0, 0xffffffff);
    else if (id === 'reap') args.reap = true;
    else if (id === 'rttl') args.rttl = true;
    else if (id === 'rdest') args.dest = true;
    else if (id === 'name') args.name = value.slice(0, 199);
    else if (id === 'rsource') args.dest = false;
    else if (id === 'mask') args.mask = hostOption(value, ctx);
  },
  done(_args, seen) {
    if (!MODES.some((m) => seen.has(m)))
      fail("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
  },
  accept(args) {
    const passive = args.mode === 'set' || args.mode === 'remove';
    return passive && (args.seconds || args.hitcount || args.reap) ? 'EINVAL' : null;
  },
  save(args) {
    let text = `${args.not ? ' !' : ''} --${args.mode}`;
    if (args.seconds) text += ` --seconds ${args.seconds}`;
    if (args.reap) text += ' --reap';
    if (args.hitcount) text += ` --hitcount ${args.hitcount}`;
    if (args.rttl) text += ' --rttl';
    return `${text} --name ${saveString(args.name).trimStart()} --mask ${formatIp(args.mask)} --r${args.dest ? 'dest' : 'source'}`;
  },
  list(args) {
    let text = `${args.not ? '! ' : ''}recent: ${LIST_MODES[args.mode]}`;
    if (args.seconds) text += ` seconds: ${args.seconds}`;
    if (args.reap) text += ' reap';
    if (args.hitcount) text += ` hit_count: ${args.hitcount}`;
    if (args.rttl) text += ' TTL-Match';
    return `${text} name: ${args.name} side: ${args.dest ? 'dest' : 'source'} mask: ${formatIp(args.mask)}`;
  },
  apply(args, { world, ns, family, packet, hook }) {
    if (!packet.ip) return false;
    const table = recentTable(ns, family, args.name);
    const ip = masked(args.dest ? packet.ip.dst : packet.ip.src, args.mask);
    // A packet this host sends has not been counted down yet.
    const ttl = packet.ip.ttl + (hook === 'OUTPUT' || hook === 'POSTROUTING' ? 1 : 0);
    const now = jiffies(world);
    const entry = table.entries.find((e) => e.ip === ip && (!args.rttl || e.ttl === ttl));
    if (!entry) {
      if (args.mode !== 'set') return args.not;
      if (table.entries.length >= MAX_ENTRIES) table.entries.splice(oldest(table.entries), 1);
      table.entries.push({ ip, ttl, stamps: [now], index: 1 });
      return !args.not;
    }
    if (args.mode === 'set') {
      touch(entry, now, ttl);
      return !args.not;
    }
    if (args.mode === 'remove') {
      table.entries.splice(table.entries.indexOf(entry), 1);
      return !args.not;
    }
    const since = args.seconds ? now - args.seconds * 1000 : 0;
    const hits = entry.stamps.filter((t) => !args.seconds || t > since).length;
    const hit = args.hitcount ? hits >= args.hitcount : hits > 0;
    if (args.reap && args.seconds) table.entries = table.entries.filter((e) => Math.max(...e.stamps) > since);
    if (args.mode === 'update' && hit) touch(entry, now, ttl);
    return hit !== args.not;
  },
});

function touch(entry: RecentEntry, now: number, ttl: number): void {
  touchRecent(entry, now);
  entry.ttl = ttl;
}

function oldest(entries: RecentEntry[]): number {
  let best = 0;
  for (let i = 1; i < entries.length; i++) {
    if (Math.max(...(entries[i] as RecentEntry).stamps) < Math.max(...(entries[best] as RecentEntry).stamps)) best = i;
  }
  return best;
}
