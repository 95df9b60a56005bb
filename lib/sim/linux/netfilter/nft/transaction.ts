/**
 * A batch of changes to one nf_tables table, as programs send it over netlink: all of it holds, or nothing and the kernel's answer.
 * Source: net/netfilter/nf_tables_api.c (nf_tables_newchain, nf_tables_newrule, nf_tables_delchain, nft_add_set_elem …).
 */

import type { World } from '../../../kernel/world.ts';
import type { NetNs } from '../../types.ts';
import { isTracking } from '../plan.ts';
import { bump, createChain, createTable, findTable, isReferenced, tableKey, takeHandle } from '../tables.ts';
import type { Family, Hook, NfChain, NfRule, NfTable } from '../types.ts';
import { Undo } from '../undo.ts';
import { findElem, insertElem, removeElem } from './sets.ts';
import type { NftElem, NftScalar, NftSet, NftStmt } from './types.ts';
import { usesSet } from './uses.ts';

/** What the kernel answers a change that cannot be. */
export type NftErrno = 'ENOENT' | 'EEXIST' | 'EBUSY';

class Refused extends Error {
  constructor(readonly errno: NftErrno) {
    super(errno);
  }
}

const refuse = (errno: NftErrno): never => {
  throw new Refused(errno);
};

/** A rule to be added: its statements, and its text as nft prints it. */
export interface NftRuleSpec {
  nft: NftStmt[];
  text: string;
  comment?: string;
}

export interface NftBaseChain {
  type: 'filter' | 'nat';
  hook: Hook;
  priority: number;
}

/** What is written down of a set or map; the rest of it is as `nft add set` leaves it. */
export type NftSetSpec = Pick<NftSet, 'name' | 'types' | 'bits'> & Partial<NftSet>;

const FAMILIES = ['ip', 'ip6'] as const;
const FLEXIBLE_SIZE = 65535;

/** Carries out `run` on a table. Null, or what the kernel refused it with: nothing has changed then but the handles given out. */
export function transact(
  world: World,
  ns: NetNs,
  family: Family,
  table: string,
  run: (tx: NftTransaction) => void,
): NftErrno | null {
  const tx = new NftTransaction(world, ns, family, table);
  const tracking = FAMILIES.map((f) => isTracking(ns, f)).join();
  try {
    run(tx);
  } catch (error) {
    tx.undo.rollback();
    if (error instanceof Refused) return error.errno;
    throw error;
  }
  ns.nf.committed = (ns.nf.committed ?? 1) + 1;
  if (tx.hooked || FAMILIES.map((f) => isTracking(ns, f)).join() !== tracking) bump(ns);
  return null;
}

export class NftTransaction {
  readonly undo: Undo;
  /** Whether what is hooked in has changed: the way of packets through the tables is worked out anew then. */
  hooked = false;
  private found: NfTable | null = null;

  constructor(
    private readonly world: World,
    private readonly ns: NetNs,
    private readonly family: Family,
    private readonly name: string,
  ) {
    this.undo = new Undo(ns);
  }

  private get table(): NfTable {
    return (this.found ??= findTable(this.ns, this.family, this.name) ?? refuse('ENOENT'));
  }

  private chain(name: string): NfChain {
    return this.table.chains.get(name) ?? refuse('ENOENT');
  }

  private set(name: string): NftSet {
    return this.table.sets?.get(name) ?? refuse('ENOENT');
  }

  /** Makes the table unless it is there. */
  addTable(comment: string): void {
    if (findTable(this.ns, this.family, this.name)) return;
    this.hooked = true;
    createTable(this.ns, this.family, this.name).comment = comment;
  }

  deleteTable(): void {
    const { table } = this;
    this.ns.nf.tables.delete(tableKey(table.family, table.name));
    this.found = null;
    this.hooked = true;
  }

  /** Makes a chain unless it is there. */
  addChain(name: string, base: NftBaseChain | null = null, comment?: string): void {
    const { table } = this;
    if (table.chains.has(name)) return;
    const made = createChain(this.ns, table, name, base);
    if (base) {
      made.type = base.type;
      this.hooked = true;
    }
    if (comment !== undefined) made.comment = comment;
    this.undo.made(table, made);
  }

  flushChain(name: string): void {
    const chain = this.chain(name);
    if (chain.rules.length > 0) this.undo.empty(chain);
  }

  /** Refused with EBUSY while rules elsewhere or elements lead to one of them. */
  deleteChains(names: readonly string[]): void {
    const { table } = this;
    const chains = names.map((name) => this.chain(name));
    if (isReferenced(table, new Set(names))) refuse('EBUSY');
    for (const chain of chains) {
      if (chain.hook) this.hooked = true;
      table.chains.delete(chain.name);
      this.undo.note(() => putBack(table, chain));
    }
  }

  /** Appends a rule; what it jumps to has to be there. */
  addRule(chain: string, spec: NftRuleSpec): void {
    const { table } = this;
    const to = this.chain(chain);
    for (const s of spec.nft) this.prepare(table, s);
    const rule: NfRule = {
      handle: takeHandle(table),
      head: { src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 },
      matches: [],
      target: null,
      packets: 0,
      bytes: 0,
      nft: spec.nft,
    };
    if (spec.comment !== undefined) rule.comment = spec.comment;
    rule.text = spec.text;
    this.undo.insert(to, to.rules.length, rule);
  }

  /** Checks what a statement refers to. Sets in place take a handle before the rule does. */
  private prepare(table: NfTable, s: NftStmt): void {
    if (s.kind === 'verdict' && s.verdict.chain !== undefined && !table.chains.has(s.verdict.chain)) refuse('ENOENT');
    if (s.kind === 'lookup' || s.kind === 'vmap') {
      if ('name' in s.set) this.set(s.set.name);
      else {
        takeHandle(table);
        for (const e of s.set.elems) this.target(table, e);
      }
    }
    if (s.kind === 'dynset') {
      const set = this.set(s.set);
      // A set that rules change gets a limit with the first of them.
      if (set.size === 0) {
        set.size = FLEXIBLE_SIZE;
        set.grown = true;
      }
    }
  }

  private target(table: NfTable, e: NftElem): void {
    if (e.data && !Array.isArray(e.data) && e.data.chain !== undefined && !table.chains.has(e.data.chain))
      refuse('ENOENT');
  }

  /** Makes a set or map unless one of these types is there. */
  addSet(spec: NftSetSpec): void {
    const { table } = this;
    const old = table.sets?.get(spec.name);
    if (old) {
      if (old.types.join() !== spec.types.join() || String(old.data) !== String(spec.data ?? null)) refuse('EEXIST');
      return;
    }
    const sets = (table.sets ??= new Map());
    sets.set(spec.name, {
      handle: takeHandle(table),
      data: null,
      interval: false,
      timed: false,
      constant: false,
      dynamic: false,
      timeout: 0,
      gcInterval: 0,
      size: 0,
      autoMerge: false,
      comment: '',
      stmts: [],
      elems: [],
      ...spec,
    });
    this.undo.note(() => sets.delete(spec.name));
  }

  /** Refused with EBUSY while rules look into it. */
  deleteSet(name: string): void {
    const { table } = this;
    const set = this.set(name);
    if (usesSet(table, name)) refuse('EBUSY');
    const { sets } = table;
    sets?.delete(name);
    this.undo.note(() => sets?.set(name, set));
  }

  flushSet(name: string): void {
    const set = this.set(name);
    const { elems } = set;
    set.elems = [];
    this.undo.note(() => {
      set.elems = elems;
    });
  }

  /** Adds an element; one with the same key and the same data may be there. */
  addElement(name: string, elem: NftElem): void {
    const set = this.set(name);
    this.target(this.table, elem);
    const old = findElem(set.elems, keyOf(elem), this.world.now);
    if (old) {
      if (verdictText(old) !== verdictText(elem)) refuse('EEXIST');
      return;
    }
    insertElem(set.elems, elem);
    const { elems } = set;
    this.undo.note(() => removeElem(elems, elem));
  }

  deleteElement(name: string, elem: NftElem): void {
    const set = this.set(name);
    const old = findElem(set.elems, keyOf(elem), this.world.now) ?? refuse('ENOENT');
    removeElem(set.elems, old);
    const { elems } = set;
    this.undo.note(() => insertElem(elems, old));
  }
}

/** A chain comes back to its place: they stand in the order of their handles. */
function putBack(table: NfTable, chain: NfChain): void {
  const all = [...table.chains.values(), chain].sort((a, b) => a.handle - b.handle);
  table.chains = new Map(all.map((c) => [c.name, c]));
}

const keyOf = (e: NftElem): NftScalar[] => e.key.map((r) => r.lo);

const verdictText = (e: NftElem): string =>
  e.data && !Array.isArray(e.data) ? `${e.data.code} ${e.data.chain ?? ''}` : '';
