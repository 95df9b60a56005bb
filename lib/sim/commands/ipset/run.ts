/** ipset's commands, one after the other. */
import type { World } from '../../kernel/world.ts';
import { elementText, IpsetError, parseElements } from '../../linux/ipset/element.ts';
import {
  addElement,
  delElement,
  destroySet,
  type EntryOptions,
  lookupElement,
  NO_SET,
} from '../../linux/ipset/store.ts';
import { type IpSet, SET_TYPES, setsOf } from '../../linux/ipset/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { readArgs } from './args.ts';
import { checkName, createSet } from './create.ts';
import { entryOptions } from './entry.ts';
import { type Line, surplus } from './options.ts';
import { listText, saveText, xmlNames, xmlText } from './print.ts';

export interface Output {
  stdout: string;
  stderr: string;
  status: number;
}

const ok = (stdout = ''): Output => ({ stdout, stderr: '', status: 0 });

function setNamed(ns: NetNs, name: string): IpSet {
  const set = setsOf(ns).get(checkName(name));
  if (!set) throw new IpsetError(NO_SET);
  return set;
}

/** Runs one command line (not restore, which is many). Throws {@link IpsetError}. */
export function runLine(world: World, ns: NetNs, line: Line): Output {
  const more = surplus(line);
  if (more !== undefined) throw new IpsetError(`Unknown argument ${more}`, 2);
  switch (line.command) {
    case 'create': {
      let stderr = '';
      createSet(world, ns, line.words, line.exist, (text) => {
        stderr += text;
      });
      return { stdout: '', stderr: line.quiet ? '' : stderr, status: 0 };
    }
    case 'add':
    case 'del':
      change(world, ns, line);
      return ok();
    case 'test':
      return test(world, ns, line);
    case 'destroy':
      destroySet(ns, line.words[0] === undefined ? null : checkName(line.words[0]));
      return ok();
    case 'flush':
      flush(ns, line.words[0] ?? null);
      return ok();
    case 'rename': {
      const set = setNamed(ns, line.words[0] as string);
      const to = checkName(line.words[1] as string);
      if (set.references > 0) throw new IpsetError('Set cannot be renamed: it is in use by another system');
      if (setsOf(ns).has(to)) throw new IpsetError('Set cannot be renamed: a set with the new name already exists');
      rename(ns, set, to);
      return ok();
    }
    case 'swap':
      swap(ns, setNamed(ns, line.words[0] as string), line.words[1] as string);
      return ok();
    default:
      return query(world, ns, line);
  }
}

/** What an `add`, `del` or `test` says wrong before the kernel is asked. Throws {@link IpsetError}. */
export function checkElement(ns: NetNs, line: Line): void {
  parseElements(setNamed(ns, line.words[0] as string), line.words[1] as string);
}

function change(world: World, ns: NetNs, line: Line): void {
  const [name = '', word = '', ...rest] = line.words;
  const set = setNamed(ns, name);
  const elements = parseElements(set, word);
  const adds = line.command === 'add';
  const args = readArgs(set.type, adds ? 'add' : 'del', rest);
  const options = entryOptions(set, args);
  const next = args.get('before') ?? args.get('after');
  if (next !== undefined && adds) {
    place(world, ns, set, word, args.has('before') ? 'before' : 'after', next, { ...options, exist: line.exist });
    return;
  }
  if (next !== undefined) checkPlace(set, word, args.has('before') ? 'before' : 'after', next);
  for (const parts of elements) {
    if (adds) addElement(world, ns, set, parts, { ...options, exist: line.exist });
    else delElement(world, ns, set, parts, line.exist);
  }
}

const PLACED = 'The before/after setname is not added to the set';

/** A member is named together with the one that stands beside it. */
function checkPlace(set: IpSet, name: string, side: 'before' | 'after', other: string): void {
  const order = [...set.entries.keys()];
  if (!order.includes(other) || order[order.indexOf(other) + (side === 'before' ? -1 : 1)] !== name)
    throw new IpsetError(PLACED);
}

/** `add LIST SET before|after OTHER`. */
function place(
  world: World,
  ns: NetNs,
  set: IpSet,
  name: string,
  side: 'before' | 'after',
  other: string,
  options: EntryOptions,
): void {
  if (!set.entries.has(other)) throw new IpsetError(PLACED);
  addElement(world, ns, set, [{ kind: 'set', name }], options);
  const entry = set.entries.get(name);
  const order = [...set.entries].filter(([key]) => key !== name);
  const at = order.findIndex(([key]) => key === other) + (side === 'after' ? 1 : 0);
  if (entry) order.splice(at, 0, [name, entry]);
  set.entries = new Map(order);
}

function test(world: World, ns: NetNs, line: Line): Output {
  const [name = '', word = '', ...rest] = line.words;
  const set = setNamed(ns, name);
  const parts = parseElements(set, word)[0] ?? [];
  noRange(set, word, 'test');
  const args = readArgs(set.type, 'test', rest);
  const entry = lookupElement(world, set, parts);
  const shown = testedText(set, parts, word);
  const found = entry !== null && entry.nomatch === args.has('nomatch');
  if (line.quiet) return { stdout: '', stderr: '', status: found ? 0 : 1 };
  if (found) return { stdout: '', stderr: `Warning: ${shown} is in set ${name}.\n`, status: 0 };
  return { stdout: '', stderr: `${shown} is NOT in set ${name}.\n`, status: 1 };
}

/** The element as it was asked for: ranges and masks of the address stay. */
function testedText(set: IpSet, parts: Parameters<typeof elementText>[1], word: string): string {
  const [first = '', ...others] = word.split(',');
  const ip = parts[0]?.kind === 'ip' && /[/-]/.test(first);
  if (!ip) return set.netmask === null ? elementText(set, parts) : word;
  const tail = elementText(set, parts).split(',').slice(1);
  return [first, ...(others.length > 0 ? tail : [])].join(',');
}

/** Whether an element stands for many where only one is meant. */
function noRange(set: IpSet, word: string, command: string): void {
  const words = word.split(',');
  const { dims } = SET_TYPES.get(set.type) ?? { dims: [] };
  const refuse = (what: string): never => {
    throw new IpsetError(
      `${what} range is not allowed in command ${command} with set type ${set.type} and family ${set.type === 'bitmap:port' ? 'unspec' : set.family === 4 ? 'inet' : 'inet6'}`,
    );
  };
  const many = set.type === 'hash:ip' || (set.type.startsWith('bitmap:') && command !== 'test');
  for (let i = 0; i < words.length; i++) {
    const text = words[i] as string;
    if (dims[i] === 'port' && /^([^:]*:)?\w+-\w+$/.test(text) && !/^icmp/i.test(text)) refuse('FROM-TO port');
    if (many) continue;
    if (set.type === 'bitmap:ip,mac' && i === 0 && /[-/]/.test(text))
      throw new IpsetError(`Syntax error: plain IP address must be supplied: ${text}`);
    if ((dims[i] === 'ip' || dims[i] === 'net') && text.includes('-')) refuse('FROM-TO IP');
    if (dims[i] === 'ip' && text.includes('/') && i === 0) refuse('IP/CIDR');
  }
}

function flush(ns: NetNs, name: string | null): void {
  const chosen = name === null ? [...setsOf(ns).values()] : [setNamed(ns, name)];
  for (const set of chosen) {
    for (const entry of set.entries.values()) {
      const only = entry.parts[0];
      const member = only?.kind === 'set' ? setsOf(ns).get(only.name) : undefined;
      if (member) member.references--;
    }
    set.entries = new Map();
  }
}

function rename(ns: NetNs, set: IpSet, to: string): void {
  const sets = setsOf(ns);
  const order = [...sets.values()];
  set.name = to;
  sets.clear();
  for (const one of order) sets.set(one.name, one);
}

/** Two sets change names, and with them what refers to them. */
function swap(ns: NetNs, a: IpSet, name: string): void {
  const b = setsOf(ns).get(checkName(name));
  if (!b) throw new IpsetError('Sets cannot be swapped: the second set does not exist');
  if (a.type !== b.type || a.family !== b.family)
    throw new IpsetError('The sets cannot be swapped: their type does not match');
  const sets = setsOf(ns);
  [a.name, b.name] = [b.name, a.name];
  [a.references, b.references] = [b.references, a.references];
  sets.set(a.name, a);
  sets.set(b.name, b);
}

function query(world: World, ns: NetNs, line: Line): Output {
  const byName = (x: IpSet, y: IpSet) => (line.sorted ? (x.name < y.name ? -1 : 1) : 0);
  // Sets of sets come last: they name the others (IPSET_DUMP_LAST).
  const last = (s: IpSet) => (s.type === 'list:set' ? 1 : 0);
  const chosen =
    line.words[0] === undefined
      ? [...setsOf(ns).values()].sort((x, y) => last(x) - last(y) || byName(x, y))
      : [setNamed(ns, line.words[0])];
  const output = line.output ?? (line.command === 'save' ? 'save' : 'plain');
  const names = line.names && output !== 'save';
  if (output === 'save') return ok(chosen.map((s) => saveText(world, s)).join(''));
  if (output === 'xml') return ok(names ? xmlNames(chosen) : xmlText(world, chosen, line.terse));
  if (names) return ok(chosen.map((s) => `${s.name}\n`).join(''));
  return ok(chosen.map((s) => listText(world, s, line.terse)).join('\n'));
}
