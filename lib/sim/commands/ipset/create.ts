/** `ipset create`: the options of each type. */
import { network, parseIp } from '../../addr/ip.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { IpsetError, parseNumber } from '../../linux/ipset/element.ts';
import { type IpSet, SET_TYPES, SET_TYPES_WITHOUT_KERNEL, setsOf } from '../../linux/ipset/types.ts';
import type { NetNs } from '../../linux/types.ts';

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
    const from = network(ip(text.slice(0, slash)), len) as number;
    return { from, to: from + 2 ** (32 - len) - 1 };
  }
  if (dash < 0) return missing('to');
  const from = ip(text.slice(0, dash));
  const to = ip(text.slice(dash + 1));
  return from <= to ? { from, to } : { from: to, to: from };
}

/** Makes a set. `exist` lets a set of the same name and type be. */
export function createSet(world: World, ns: NetNs, words: readonly string[], exist: boolean): void {
  const [name, type, ...options] = words;
  if (name === undefined) throw new IpsetError('Missing mandatory argument to command create', 2);
  checkName(name);
  if (type === undefined) throw new IpsetError('Missing second mandatory argument to command create', 2);
  const bare = type === 'iphash' ? 'hash:ip' : type === 'nethash' ? 'hash:net' : type;
  if (!SET_TYPES.has(bare) && !SET_TYPES_WITHOUT_KERNEL.has(bare))
    throw new IpsetError(`Syntax error: typename '${type}' is unknown`);
  const set: IpSet = {
    name,
    type: bare,
    family: 4,
    hashsize: 1024,
    maxelem: 65536,
    netmask: null,
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
  readCreateOptions(set, options);
  if (SET_TYPES_WITHOUT_KERNEL.has(bare)) throw new IpsetError('Kernel error received: set type not supported');
  if (bare.startsWith('bitmap:')) {
    if (!set.range) missing('range');
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

const HASH_MIN = 64;

function readCreateOptions(set: IpSet, options: readonly string[]): void {
  const hash = set.type.startsWith('hash:');
  for (let i = 0; i < options.length; i++) {
    const word = options[i] as string;
    const value = (): string => {
      const next = options[++i];
      if (next === undefined) throw new IpsetError(`Missing mandatory argument of option \`${word}'`, 2);
      return next;
    };
    if (word === 'timeout') set.timeout = parseNumber(value(), 0, 2147483);
    else if (word === 'counters') set.counters = true;
    else if (word === 'comment') set.comment = true;
    else if (word === 'skbinfo') set.skbinfo = true;
    else if (word === 'forceadd' && hash) set.forceadd = true;
    else if ((word === 'family' || word === '-6') && hash) {
      const family = word === '-6' ? 'inet6' : value();
      if (family !== 'inet' && family !== 'inet6' && family !== '-4' && family !== '-6')
        throw new IpsetError(`Syntax error: unknown inet family ${family}`);
      set.family = family.endsWith('6') ? 6 : 4;
    } else if (word === 'hashsize' && hash) {
      const asked = parseNumber(value(), 1, 0xffffffff);
      set.hashsize = Math.max(HASH_MIN, 2 ** Math.ceil(Math.log2(asked)));
    } else if (word === 'maxelem' && hash) set.maxelem = parseNumber(value(), 0, 0xffffffff);
    else if ((word === 'bucketsize' || word === 'initval') && hash) {
      const text = value();
      if (word === 'initval') set.initval = parseNumber(text, 0, 0xffffffff);
      else parseNumber(text, 1, 127);
    } else if (word === 'netmask' && (set.type === 'hash:ip' || set.type === 'bitmap:ip'))
      set.netmask = parseNumber(value(), 1, set.family === 4 ? 32 : 128);
    else if (word === 'range' && set.type.startsWith('bitmap:')) set.range = parseRange(set.type, value());
    else if (word === 'size' && set.type === 'list:set') set.size = Math.max(4, parseNumber(value(), 1, 0xffffffff));
    else throw new IpsetError(`Unknown argument: \`${word}'`, 2);
  }
}
