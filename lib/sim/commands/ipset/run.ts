/** ipset's commands, one after the other. */
import type { World } from '../../kernel/world.ts';
import { elementText, IpsetError, parseElements } from '../../linux/ipset/element.ts';
import { addElement, delElement, destroySet, lookupElement, NO_SET } from '../../linux/ipset/store.ts';
import { type IpSet, setsOf } from '../../linux/ipset/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { checkName, createSet } from './create.ts';
import { entryOptions, type Line } from './options.ts';
import { listText, saveText, xmlText } from './print.ts';

export interface Output {
  stdout: string;
  stderr: string;
  status: number;
}

const ok = (stdout = ''): Output => ({ stdout, stderr: '', status: 0 });

function need(line: Line, at: number): string {
  const word = line.words[at];
  if (word === undefined)
    throw new IpsetError(`Missing ${at === 0 ? '' : 'second '}mandatory argument to command ${line.command}`, 2);
  return word;
}

function setNamed(ns: NetNs, name: string): IpSet {
  const set = setsOf(ns).get(checkName(name));
  if (!set) throw new IpsetError(NO_SET);
  return set;
}

/** Runs one command line (not restore, which is many). Throws {@link IpsetError}. */
export function runLine(world: World, ns: NetNs, line: Line): Output {
  switch (line.command) {
    case 'create':
      createSet(world, ns, line.words, line.exist);
      return ok();
    case 'add':
    case 'del':
      change(world, ns, line);
      return ok();
    case 'test':
      return test(world, ns, line);
    case 'destroy':
      destroySet(ns, line.words[0] ?? null);
      return ok();
    case 'flush':
      flush(ns, line.words[0] ?? null);
      return ok();
    case 'rename': {
      const set = setNamed(ns, need(line, 0));
      const to = checkName(need(line, 1));
      if (setsOf(ns).has(to)) throw new IpsetError('Set cannot be renamed: a set with the new name already exists');
      if (set.references > 0) throw new IpsetError('Set cannot be renamed: it is in use by another system');
      rename(ns, set, to);
      return ok();
    }
    case 'swap':
      swap(ns, setNamed(ns, need(line, 0)), need(line, 1));
      return ok();
    default:
      return query(world, ns, line);
  }
}

/** What an `add`, `del` or `test` says wrong before the kernel is asked. Throws {@link IpsetError}. */
export function checkElement(ns: NetNs, line: Line): void {
  parseElements(setNamed(ns, need(line, 0)), need(line, 1));
}

function allowed(set: IpSet) {
  return { net: set.type.includes('net'), timeout: set.timeout !== null, counters: set.counters, comment: set.comment };
}

function change(world: World, ns: NetNs, line: Line): void {
  const name = need(line, 0);
  const word = need(line, 1);
  const set = setNamed(ns, name);
  const elements = parseElements(set, word);
  const rest = line.words.slice(2);
  if (set.type === 'list:set' && (rest[0] === 'before' || rest[0] === 'after')) {
    place(world, ns, set, word, rest, line);
    return;
  }
  const options = entryOptions(rest, allowed(set));
  for (const parts of elements) {
    if (line.command === 'add') addElement(world, ns, set, parts, { ...options, exist: line.exist });
    else delElement(world, ns, set, parts, line.exist);
  }
}

/** `add LIST SET before|after OTHER`. */
function place(world: World, ns: NetNs, set: IpSet, name: string, rest: readonly string[], line: Line): void {
  const other = rest[1];
  if (other === undefined) throw new IpsetError(`Missing mandatory argument of option \`${rest[0]}'`, 2);
  if (!set.entries.has(other)) throw new IpsetError('The before/after setname is not added to the set');
  addElement(world, ns, set, [{ kind: 'set', name }], {
    exist: line.exist,
    nomatch: false,
    timeout: null,
    packets: 0,
    bytes: 0,
    comment: null,
  });
  const entry = set.entries.get(name);
  const order = [...set.entries].filter(([key]) => key !== name);
  const at = order.findIndex(([key]) => key === other) + (rest[0] === 'after' ? 1 : 0);
  if (entry) order.splice(at, 0, [name, entry]);
  set.entries = new Map(order);
}

function test(world: World, ns: NetNs, line: Line): Output {
  const name = need(line, 0);
  const word = need(line, 1);
  const set = setNamed(ns, name);
  const parts = parseElements(set, word)[0] ?? [];
  const entry = lookupElement(world, set, parts);
  const shown = set.netmask === null ? elementText(set, parts) : word;
  const found = entry !== null && !entry.nomatch;
  if (line.quiet) return { stdout: '', stderr: '', status: found ? 0 : 1 };
  if (found) return { stdout: '', stderr: `Warning: ${shown} is in set ${name}.\n`, status: 0 };
  return { stdout: '', stderr: `${shown} is NOT in set ${name}.\n`, status: 1 };
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
  if (line.words.length > 1) throw new IpsetError(`Unknown argument ${line.words[1]}`, 2);
  const byName = (x: IpSet, y: IpSet) => (line.sorted ? (x.name < y.name ? -1 : 1) : 0);
  // Sets of sets come last: they name the others (IPSET_DUMP_LAST).
  const last = (s: IpSet) => (s.type === 'list:set' ? 1 : 0);
  const chosen =
    line.words[0] === undefined
      ? [...setsOf(ns).values()].sort((x, y) => last(x) - last(y) || byName(x, y))
      : [setNamed(ns, line.words[0])];
  if (line.names) return ok(chosen.map((s) => `${s.name}\n`).join(''));
  if (line.command === 'save' || line.output === 'save') return ok(chosen.map((s) => saveText(world, s)).join(''));
  if (line.output === 'xml') return ok(xmlText(world, chosen, line.terse));
  return ok(chosen.map((s) => listText(world, s, line.terse)).join('\n'));
}
