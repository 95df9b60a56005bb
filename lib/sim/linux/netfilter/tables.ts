/** Tables and chains: which exist, how they are made, found and changed. Every change goes through here. */
import { EPOCH, ORDER } from '../derived.ts';
import type { NetNs } from '../types.ts';
import type { NftElem } from './nft/types.ts';
import { sortNames } from './sort-names.ts';
import type { Hook, NfChain, NfRule, NfTable } from './types.ts';

export type IpFamily = 'ip' | 'ip6';

interface Builtin {
  hook: Hook;
  priority: number;
}

/** Where iptables-nft hooks each table's chains in (NF_IP_PRI_*, security at 150). Tables in the order iptables-save prints them. */
const BUILTIN: Record<string, Builtin[]> = {
  mangle: [
    { hook: 'PREROUTING', priority: -150 },
    { hook: 'INPUT', priority: -150 },
    { hook: 'FORWARD', priority: -150 },
    { hook: 'OUTPUT', priority: -150 },
    { hook: 'POSTROUTING', priority: -150 },
  ],
  security: [
    { hook: 'INPUT', priority: 150 },
    { hook: 'FORWARD', priority: 150 },
    { hook: 'OUTPUT', priority: 150 },
  ],
  raw: [
    { hook: 'PREROUTING', priority: -300 },
    { hook: 'OUTPUT', priority: -300 },
  ],
  filter: [
    { hook: 'INPUT', priority: 0 },
    { hook: 'FORWARD', priority: 0 },
    { hook: 'OUTPUT', priority: 0 },
  ],
  nat: [
    { hook: 'PREROUTING', priority: -100 },
    { hook: 'INPUT', priority: 100 },
    { hook: 'OUTPUT', priority: -100 },
    { hook: 'POSTROUTING', priority: 100 },
  ],
};

/** The five tables of iptables, in the order iptables-save prints them. */
export const TABLE_NAMES: readonly string[] = Object.keys(BUILTIN);

const NAMES: Readonly<Record<string, readonly Hook[]>> = Object.fromEntries(
  Object.entries(BUILTIN).map(([table, chains]) => [table, chains.map((b) => b.hook)]),
);

/** Names of a table's built-in chains, in hook order. */
export const builtinChains = (table: string): readonly Hook[] => NAMES[table] ?? [];

/** The priority of a built-in chain. */
export const builtinPriority = (table: string, chain: string): number | undefined =>
  BUILTIN[table]?.find((b) => b.hook === chain)?.priority;

/** The key of a table in ns.nf.tables. */
export const tableKey = (family: string, table: string, owner: 'nft' | 'iptables' = 'nft'): string =>
  owner === 'iptables' ? `legacy ${family} ${table}` : `${family} ${table}`;

export const findTable = (
  ns: NetNs,
  family: string,
  table: string,
  owner: 'nft' | 'iptables' = 'nft',
): NfTable | undefined => ns.nf.tables.get(tableKey(family, table, owner));

/** Marks the rules changed: what is derived from them is worked out anew. */
export function touch(ns: NetNs): void {
  bump(ns);
  ns.nf[EPOCH] = (ns.nf[EPOCH] ?? 0) + 1;
}

/** The same for a change that leaves alone, or forgets itself, what is kept for each chain. */
export function bump(ns: NetNs): void {
  ns.nf.generation = (ns.nf.generation ?? 0) + 1;
}

/** The next handle inside a table: chains, rules and sets count together. */
export function takeHandle(table: NfTable): number {
  const handle = table.nextHandle ?? 1;
  table.nextHandle = handle + 1;
  return handle;
}

/** Makes the table when it is missing. */
export function createTable(ns: NetNs, family: string, name: string, owner: 'nft' | 'iptables' = 'nft'): NfTable {
  const key = tableKey(family, name, owner);
  let table = ns.nf.tables.get(key);
  if (!table) {
    table = { family: family as NfTable['family'], name, chains: new Map(), handle: ns.nf.nextHandle++, owner };
    ns.nf.tables.set(key, table);
    bump(ns);
  }
  return table;
}

/** Adds a base chain (with `hook`) or a user chain. */
export function createChain(
  ns: NetNs,
  table: NfTable,
  name: string,
  base: { hook: Hook; priority: number } | null,
): NfChain {
  const chain: NfChain = {
    // A copy of its own: the name may be a part of a long text that would be kept with it.
    name: ['', name].join(''),
    hook: base?.hook ?? null,
    priority: base?.priority ?? 0,
    policy: base ? 'ACCEPT' : null,
    rules: [],
    packets: 0,
    bytes: 0,
    handle: takeHandle(table),
    // The legacy front end's chains count from the start.
    counting: base !== null && table.owner === 'iptables',
  };
  table.chains.set(chain.name, chain);
  // Nothing leads to another chain yet.
  if (base) bump(ns);
  return chain;
}

/** A built-in chain, made (with its table) when it is not there: iptables-nft makes only what it needs. */
export function ensureBuiltin(
  ns: NetNs,
  family: IpFamily,
  table: string,
  name: string,
  owner: 'nft' | 'iptables' = 'nft',
): NfChain | null {
  const builtin = BUILTIN[table]?.find((b) => b.hook === name);
  if (!builtin) return null;
  const t = owner === 'iptables' ? ensureIptables(ns, family, table, owner) : createTable(ns, family, table, owner);
  return t.chains.get(name) ?? createChain(ns, t, name, builtin);
}

/** Makes a table with all its built-in chains: what iptables-restore and the legacy front end do. */
export function ensureIptables(ns: NetNs, family: IpFamily, table: string, owner: 'nft' | 'iptables' = 'nft'): NfTable {
  const t = createTable(ns, family, table, owner);
  for (const b of BUILTIN[table] ?? []) if (!t.chains.has(b.hook)) createChain(ns, t, b.hook, b);
  return t;
}

/** The chain, or undefined. */
export const findChain = (
  ns: NetNs,
  family: string,
  table: string,
  chain: string,
  owner: 'nft' | 'iptables' = 'nft',
): NfChain | undefined => findTable(ns, family, table, owner)?.chains.get(chain);

/** Built-in chains that exist in hook order, then user chains by name: the order of every iptables listing. */
export function orderedChains(table: NfTable): NfChain[] {
  const base = builtinChains(table.name).flatMap((name) => table.chains.get(name) ?? []);
  return [...base, ...userChains(table)];
}

/** Chains in their table's order and by name, as they were last asked for. */
export interface Ordered {
  inserted: NfChain[];
  names: string[];
  byName: NfChain[];
}

/** User chains by name. */
export function userChains(table: NfTable): readonly NfChain[] {
  const inserted: NfChain[] = [];
  for (const c of table.chains.values()) if (c.hook === null) inserted.push(c);
  const known = table[ORDER];
  if (
    known?.inserted.length === inserted.length &&
    inserted.every((c, i) => c === known.inserted[i] && c.name === known.names[i])
  )
    return known.byName;
  const names = inserted.map((c) => c.name);
  const byName = sortNames(names).map((name) => table.chains.get(name) as NfChain);
  table[ORDER] = { inserted, names, byName };
  return byName;
}

const noteElems = (elems: readonly NftElem[], note: (chain: string) => void): void => {
  for (const e of elems) if (e.data !== undefined && !Array.isArray(e.data) && e.data.chain) note(e.data.chain);
};

/** The chains that a rule refers to, each once. */
function noteTargets(rule: NfRule, note: (chain: string) => void): void {
  if (!rule.nft) {
    if (rule.target?.chain !== undefined) note(rule.target.chain);
    return;
  }
  const own = new Set<string>();
  for (const s of rule.nft) {
    if (s.kind === 'verdict' && s.verdict.chain) own.add(s.verdict.chain);
    else if (s.kind === 'vmap' && 'elems' in s.set) noteElems(s.set.elems, (chain) => own.add(chain));
  }
  for (const chain of own) note(chain);
}

/** How many rules and elements jump or go to each chain of a table; those of `but` do not count. */
export function referenceCounts(table: NfTable, but: NfChain | null = null): Map<string, number> {
  const counts = new Map<string, number>();
  const note = (chain: string) => counts.set(chain, (counts.get(chain) ?? 0) + 1);
  for (const c of table.chains.values()) if (c !== but) for (const r of c.rules) noteTargets(r, note);
  for (const s of table.sets?.values() ?? []) noteElems(s.elems, note);
  return counts;
}

const leads = (elems: readonly NftElem[], to: ReadonlySet<string>): boolean =>
  elems.some(
    (e) => e.data !== undefined && !Array.isArray(e.data) && e.data.chain !== undefined && to.has(e.data.chain),
  );

/** Whether a rule elsewhere or an element refers to one of some chains. */
export function isReferenced(table: NfTable, to: ReadonlySet<string>): boolean {
  const refers = (rule: NfRule): boolean =>
    rule.nft
      ? rule.nft.some((s) =>
          s.kind === 'verdict'
            ? s.verdict.chain !== undefined && to.has(s.verdict.chain)
            : s.kind === 'vmap' && 'elems' in s.set && leads(s.set.elems, to),
        )
      : rule.target?.chain !== undefined && to.has(rule.target.chain);
  for (const c of table.chains.values()) if (!to.has(c.name) && c.rules.some(refers)) return true;
  for (const s of table.sets?.values() ?? []) if (leads(s.elems, to)) return true;
  return false;
}

/** How many rules and elements jump or go to a chain. */
export const references = (table: NfTable, chain: string): number => referenceCounts(table).get(chain) ?? 0;

/** Base-chain hooks from which packets can reach `chain`, and the longest way of jumps that leads to it. */
export function reachedFrom(table: NfTable, chain: NfChain): { hooks: Set<Hook>; depth: number } {
  const callers = new Map<string, NfChain[]>();
  for (const c of table.chains.values()) {
    for (const r of c.rules) {
      if (r.target?.chain === undefined) continue;
      const list = callers.get(r.target.chain);
      if (!list) callers.set(r.target.chain, [c]);
      else if (list[list.length - 1] !== c) list.push(c);
    }
  }
  const hooks = new Set<Hook>();
  const seen = new Set<string>();
  const visit = (c: NfChain): number => {
    if (c.hook) hooks.add(c.hook);
    if (seen.has(c.name)) return 0;
    seen.add(c.name);
    let deepest = 0;
    for (const caller of callers.get(c.name) ?? []) deepest = Math.max(deepest, visit(caller) + 1);
    return deepest;
  };
  return { depth: visit(chain), hooks };
}

/** A new rule without counters. */
export const newRule = (
  table: NfTable,
  rule: Omit<NfRule, 'handle' | 'packets' | 'bytes'>,
  packets = 0,
  bytes = 0,
): NfRule => ({
  handle: takeHandle(table),
  head: rule.head,
  matches: rule.matches,
  target: rule.target,
  packets,
  bytes,
});
