/** `ipset create`: the options of each type. */
import { network, parseIp } from '../../addr/ip.ts';
import { kernelBefore } from '../../kernel/release.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { IpsetError, parseNumber } from '../../linux/ipset/element.ts';
import { type IpSet, SET_TYPES, setsOf } from '../../linux/ipset/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { type Args, readArgs } from './args.ts';

const MAX_NAME = 31;
/** A bitmap holds at most this many. */
const MAX_BITMAP = 65536;

/** Checks a set's name as a word. */
export function checkName(name: string): string {
  if (name.length > MAX_NAME)
    throw new IpsetError(`Syntax error: setname '${name}' is longer than ${MAX_NAME} characters`);
  return name;
}

const missing = (option: string): never => {
  throw new IpsetError(`Mandatory option \`${option}' is missing`, 2);
};

function parseRange(type: string, text: string): { from: number; to: number } {
  const dash = text.indexOf('-');
  const slash = text.indexOf('/');
  if (type === 'bitmap:port') {
    if (dash < 0) return missing('to');
    const from = parseNumber(text.slice(0, dash), 0, 65535);
    const to = parseNumber(text.slice(dash + 1), 0, 65535);
    return from <= to ? { from, to } : { from: to, to: from };
  }
  const ip = (word: string): number => {
    const value = parseIp(word);
    if (typeof value !== 'number')
      throw new IpsetError(`Syntax error: cannot parse ${word}: resolving to IPv4 address failed`);
    return value;
  };
  if (slash >= 0) {
    const len = parseNumber(text.slice(slash + 1), 0, 32);
    if (len === 32) throw new IpsetError('The value of the CIDR parameter of the IP address is invalid');
    const from = network(ip(text.slice(0, slash)), len) as number;
    return { from, to: from + 2 ** (32 - len) - 1 };
  }
  if (dash < 0) return missing('to');
  const from = ip(text.slice(0, dash));
  const to = ip(text.slice(dash + 1));
  return from <= to ? { from, to } : { from: to, to: from };
}

/** Names of the types in old versions. */
export const ALIASES: Readonly<Record<string, string>> = {
  iphash: 'hash:ip',
  nethash: 'hash:net',
  ipporthash: 'hash:ip,port',
  ipportiphash: 'hash:ip,port,ip',
  ipportnethash: 'hash:ip,port,net',
  ipmap: 'bitmap:ip',
  macipmap: 'bitmap:ip,mac',
  portmap: 'bitmap:port',
  setlist: 'list:set',
};

/** Makes a set. `exist` lets a set of the same name and type be. `warn` hears of options without effect. */
export function createSet(
  world: World,
  ns: NetNs,
  words: readonly string[],
  exist: boolean,
  warn: (text: string) => void = () => {},
): void {
  const [name = '', type = '', ...options] = words;
  checkName(name);
  const bare = ALIASES[type] ?? type;
  const kind = SET_TYPES.get(bare);
  if (!kind) throw new IpsetError(`Syntax error: typename '${type}' is unknown`);
  const old63 = kernelBefore(world, ns, 6, 3);
  if (kind.module && !old63) throw new IpsetError('Kernel error received: set type not supported');
  const set: IpSet = {
    name,
    type: bare,
    family: 4,
    hashsize: 1024,
    maxelem: 65536,
    netmask: null,
    bitmask: null,
    bucketsize: MAX_BUCKET,
    markmask: U32,
    revision: old63 ? (kind.before63 ?? kind.revision) : kind.revision,
    range: null,
    timeout: null,
    counters: false,
    comment: false,
    skbinfo: false,
    forceadd: false,
    size: 8,
    initval: nextU32(world.rng),
    entries: new Map(),
    references: 0,
  };
  const args = readArgs(bare, 'create', options, warn);
  // The bit mask came with the revisions that kernel 6.3 brought.
  if (kind.before63 !== undefined && old63 && args.has('bitmask'))
    throw new IpsetError(
      `Argument \`bitmask' is supported in the kernel module of the set type ${bare} starting from the revision ${kind.revision} and you have installed revision ${set.revision} only. Your kernel is behind your ipset utility.`,
      2,
    );
  applyOptions(set, args);
  if (bare.startsWith('bitmap:')) {
    if (!set.range) missing('range');
    else if (set.netmask !== null && set.netmask < 32 && tooFew(set.range, set.netmask))
      throw new IpsetError('Element is out of the range of the set');
    else if (set.range.to - set.range.from >= MAX_BITMAP)
      throw new IpsetError('The range you specified exceeds the size limit of the set type');
  }
  const old = setsOf(ns).get(name);
  if (old) {
    if (exist && old.type === set.type && old.family === set.family) return;
    throw new IpsetError('Set cannot be created: set with the same name already exists');
  }
  setsOf(ns).set(name, set);
}

/** Whether a range holds fewer than two networks of a mask: range_to_mask() in bitmap_ip_create(). */
function tooFew(range: { from: number; to: number }, netmask: number): boolean {
  const from = network(range.from, netmask) as number;
  const to = (network(range.to, netmask) as number) + 2 ** (32 - netmask) - 1;
  let bits = 31;
  while (bits > 0 && network(to, bits) !== from) bits--;
  return netmask <= bits || (bits === 0 && (from !== 0 || to !== U32));
}

const HASH_MIN = 64;
/** AHASH_INIT_SIZE and AHASH_MAX_SIZE. */
const MIN_BUCKET = 2;
const MAX_BUCKET = 12;
const U32 = 0xffffffff;

function parseFamily(value: string): 4 | 6 {
  if (value !== 'inet' && value !== 'inet6') throw new IpsetError(`Syntax error: unknown inet family ${value}`);
  return value === 'inet6' ? 6 : 4;
}

function parseNetmask(text: string, bits: number): number {
  try {
    return parseNumber(text, 1, bits);
  } catch (error) {
    if (error instanceof IpsetError)
      throw new IpsetError(`${error.message}\nSyntax error: netmask is out of the inclusive range of 1-${bits}`);
    throw error;
  }
}

function applyOptions(set: IpSet, args: Args): void {
  const number = (name: string, max: number, use: (n: number) => void) => {
    const text = args.get(name);
    if (text !== undefined) use(parseNumber(text, 0, max));
  };
  const family = args.get('family');
  if (family !== undefined) set.family = parseFamily(family);
  else if (args.has('-6')) set.family = 6;
  set.counters = args.has('counters');
  set.comment = args.has('comment');
  set.skbinfo = args.has('skbinfo');
  set.forceadd = args.has('forceadd');
  const bits = set.family === 4 ? 32 : 128;
  for (const [name, value] of args) {
    if (name === 'timeout') set.timeout = parseNumber(value, 0, 2147483);
    else if (name === 'netmask') set.netmask = parseNetmask(value, bits);
    else if (name === 'markmask') set.markmask = parseNumber(value, 1, U32);
    else if (name === 'bitmask') {
      const mask = parseIp(value);
      if (mask === null || (typeof mask === 'bigint') !== (set.family === 6))
        throw new IpsetError(`Syntax error: cannot parse ${value}: resolving to IPv${set.family} address failed`);
      set.bitmask = mask;
    } else if (name === 'range') set.range = parseRange(set.type, value);
  }
  if (set.netmask !== null && set.bitmask !== null)
    throw new IpsetError('bitmask and netmask options are mutually exclusive, provide only one');
  number('hashsize', U32, (n) => {
    set.hashsize = Math.max(HASH_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, n))));
  });
  number('maxelem', U32, (n) => {
    set.maxelem = n;
  });
  number('size', U32, (n) => {
    set.size = Math.max(4, n);
  });
  number('initval', U32, (n) => {
    set.initval = n;
  });
  number('bucketsize', 255, (n) => {
    const even = n + (n % 2);
    set.bucketsize = Math.min(MAX_BUCKET, Math.max(MIN_BUCKET, even));
  });
  if (set.netmask === bits && set.type.startsWith('hash:')) set.netmask = null;
}
