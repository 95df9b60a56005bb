/** What a transaction over the rules has to put back when it fails: only what it touched. */
import type { NetNs } from '../types.ts';
import { forget } from './chain-cache.ts';
import { touch } from './tables.ts';
import type { NfChain, NfRule, NfTable } from './types.ts';

export class Undo {
  private readonly steps: (() => void)[] = [];
  private readonly owned = new Set<NfChain>();
  private readonly fresh = new Set<NfChain>();
  private readonly mapped = new Set<NfTable>();
  private readonly tables: NetNs['nf']['tables'];
  private readonly before: ReadonlySet<NfTable>;

  constructor(private readonly ns: NetNs) {
    this.tables = new Map(ns.nf.tables);
    this.before = new Set(this.tables.values());
  }

  /** Call before a chain's own values change, or it gets another array of rules. */
  own(chain: NfChain): void {
    forget(chain);
    if (this.owned.has(chain)) return;
    this.owned.add(chain);
    const { rules, policy, packets, bytes, counting, name } = chain;
    this.steps.push(() => {
      Object.assign(chain, { rules, policy, packets, bytes, name });
      if (counting === undefined) delete chain.counting;
      else chain.counting = counting;
      forget(chain);
    });
  }

  /** Puts a rule at a place; a long chain is not copied for it. */
  insert(chain: NfChain, at: number, rule: NfRule): void {
    this.own(chain);
    const { rules } = chain;
    if (at === rules.length) rules.push(rule);
    else rules.splice(at, 0, rule);
    if (!this.fresh.has(chain)) this.steps.push(() => rules.splice(at, 1));
  }

  /** Takes a rule out. */
  remove(chain: NfChain, at: number): void {
    this.own(chain);
    const { rules } = chain;
    const [rule] = rules.splice(at, 1);
    if (rule && !this.fresh.has(chain)) this.steps.push(() => rules.splice(at, 0, rule));
  }

  /** Takes all rules out. */
  empty(chain: NfChain): void {
    this.own(chain);
    chain.rules = [];
    this.fresh.add(chain);
  }

  /** Whether a chain's rules are of this transaction alone: adding to them needs no undoing. */
  isFresh(chain: NfChain): boolean {
    return this.fresh.has(chain);
  }

  /** Call after a chain was made. */
  made(table: NfTable, chain: NfChain): void {
    this.owned.add(chain);
    this.fresh.add(chain);
    // A table that was not there before goes as a whole.
    if (this.before.has(table)) this.steps.push(() => table.chains.delete(chain.name));
  }

  /** Call before chains go or change their names. */
  chains(table: NfTable): void {
    if (this.mapped.has(table)) return;
    this.mapped.add(table);
    const before = new Map(table.chains);
    this.steps.push(() => {
      table.chains = before;
    });
  }

  /** What takes back a change of another kind, already made. */
  note(step: () => void): void {
    this.steps.push(step);
  }

  /** Puts everything back. Handles that were given out stay used. */
  rollback(): void {
    for (const step of this.steps.reverse()) step();
    this.ns.nf.tables.clear();
    for (const [key, table] of this.tables) this.ns.nf.tables.set(key, table);
    touch(this.ns);
  }
}
