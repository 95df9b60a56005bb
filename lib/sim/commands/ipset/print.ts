/** What ipset list and ipset save print. */
import { formatIp } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { compareParts, elementText } from '../../linux/ipset/element.ts';
import { expire } from '../../linux/ipset/store.ts';
import { type IpSet, isBitmap, SET_TYPES, type SetEntry } from '../../linux/ipset/types.ts';
import { markText } from '../../linux/netfilter/values.ts';

const masks = (set: IpSet): [string, string][] => [
  ...(set.netmask === null ? [] : [['netmask', String(set.netmask)] as [string, string]]),
  ...(set.bitmask === null ? [] : [['bitmask', formatIp(set.bitmask)] as [string, string]]),
];

const hex8 = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;

/** The type's settings, as they stand in the header and in `create` lines: name and value. */
function settings(set: IpSet): [string, string | null][] {
  const out: [string, string | null][] = [];
  if (set.type === 'list:set') out.push(['size', String(set.size)]);
  else if (set.range) {
    const show = (n: number) => (set.type === 'bitmap:port' ? String(n) : formatIp(n));
    out.push(['range', `${show(set.range.from)}-${show(set.range.to)}`]);
  } else {
    out.push(
      ...(set.type === 'hash:mac' ? [] : [['family', set.family === 4 ? 'inet' : 'inet6'] as [string, string]]),
      ...(set.type === 'hash:ip,mark' ? [['markmask', hex8(set.markmask)] as [string, string]] : []),
      ['hashsize', String(set.hashsize)],
      ['maxelem', String(set.maxelem)],
    );
  }
  if (set.type === 'hash:ip' || isBitmap(set)) out.push(...masks(set));
  if (set.timeout !== null) out.push(['timeout', String(set.timeout)]);
  if (set.counters) out.push(['counters', null]);
  if (set.comment) out.push(['comment', null]);
  if (set.skbinfo) out.push(['skbinfo', null]);
  if (!set.range && set.type !== 'list:set')
    out.push(
      ['bucketsize', String(set.bucketsize)],
      ['initval', hex8(set.initval)],
      ...(set.type === 'hash:ip' ? [] : masks(set)),
    );
  return out;
}

const settingsText = (set: IpSet): string =>
  settings(set)
    .map(([name, value]) => (value === null ? name : `${name} ${value}`))
    .join(' ');

const SECOND = 1_000_000;

/** What follows an element: time left, counters, comment. */
function extras(world: World, set: IpSet, e: SetEntry): [string, string | null][] {
  const out: [string, string | null][] = [];
  if (set.timeout !== null)
    out.push(['timeout', e.expires === null ? '0' : String(Math.max(1, Math.floor((e.expires - world.now) / SECOND)))]);
  if (e.nomatch) out.push(['nomatch', null]);
  if (e.wildcard) out.push(['wildcard', null]);
  if (set.counters) out.push(['packets', String(e.packets)], ['bytes', String(e.bytes)]);
  if (set.comment && e.comment !== null) out.push(['comment', `"${e.comment}"`]);
  if (e.skb?.mark) out.push(['skbmark', markText(e.skb.mark)]);
  if (e.skb?.prio) out.push(['skbprio', e.skb.prio.map((n) => n.toString(16)).join(':')]);
  if (e.skb?.queue !== undefined) out.push(['skbqueue', String(e.skb.queue)]);
  return out;
}

function memberText(world: World, set: IpSet, e: SetEntry): string {
  const tail = extras(world, set, e)
    .map(([name, value]) => (value === null ? ` ${name}` : ` ${name} ${value}`))
    .join('');
  return elementText(set, e.parts) + tail;
}

/** Members in order: a list's own order, else by value (the kernel's order is that of a randomly seeded hash). */
function members(world: World, set: IpSet): SetEntry[] {
  expire(world, set);
  const all = [...set.entries.values()];
  return set.type === 'list:set' ? all : all.sort((a, b) => compareParts(a.parts, b.parts));
}

function memory(set: IpSet): number {
  const [base, each] = SET_TYPES.get(set.type)?.memory ?? [0, 0];
  const span = set.range ? set.range.to - set.range.from + 1 : 0;
  const bitmap = isBitmap(set) ? Math.ceil(span / 64) * 8 + (set.type === 'bitmap:ip,mac' ? span * 8 : 0) : 0;
  return base + each * set.entries.size + bitmap;
}

/** One set as `ipset list` shows it. */
export function listText(world: World, set: IpSet, terse: boolean): string {
  const all = members(world, set);
  const head =
    `Name: ${set.name}\nType: ${set.type}\nRevision: ${set.revision}\nHeader: ${settingsText(set)}\n` +
    `Size in memory: ${memory(set)}\nReferences: ${set.references}\nNumber of entries: ${all.length}\n`;
  return terse ? head : `${head}Members:\n${all.map((e) => `${memberText(world, set, e)}\n`).join('')}`;
}

/** One set as `ipset save` writes it. */
export function saveText(world: World, set: IpSet): string {
  return `create ${set.name} ${set.type} ${settingsText(set)}\n${members(world, set)
    .map((e) => `add ${set.name} ${memberText(world, set, e)}\n`)
    .join('')}`;
}

const tag = (name: string, value: string | null): string =>
  value === null ? `<${name}/>` : `<${name}>${value}</${name}>`;

/** Names alone, as `ipset list -n -o xml` shows them. */
export const xmlNames = (sets: readonly IpSet[]): string =>
  `<ipsets>\n${sets.map((s) => `<ipset name="${s.name}"/>\n`).join('')}</ipsets>\n`;

/** Sets as `ipset list -o xml` shows them. */
export function xmlText(world: World, sets: readonly IpSet[], terse: boolean): string {
  const one = (set: IpSet): string => {
    const all = members(world, set);
    const fixed =
      `<ipset name="${set.name}">\n<type>${set.type}</type>\n<revision>${set.revision}</revision>\n` +
      `<header>${settings(set)
        .map(([n, v]) => tag(n, v))
        .join('')}\n<memsize>${memory(set)}</memsize>\n` +
      `<references>${set.references}</references>\n<numentries>${all.length}</numentries>\n</header>\n`;
    if (terse) return `${fixed}</ipset>\n`;
    const rows = all.map(
      (e) =>
        `<member><elem>${elementText(set, e.parts)}</elem>${extras(world, set, e)
          .map(([n, v]) => tag(n, v))
          .join('')}</member>\n`,
    );
    return `${fixed}<members>\n${rows.join('')}</members>\n</ipset>\n`;
  };
  return `<ipsets>\n${sets.map(one).join('')}</ipsets>\n`;
}
