/** What a transaction over the rules has to put back when it fails: only what it touched. */
import type { NetNs } from '../types.ts';
import { forget } from './chain-cache.ts';
import { touch } from './tables.ts';
import type { NfChain, NfTable } from './types.ts';

export class Undo {
  private readonly steps: (() => void)[] = [];
  private readonly owned = new Set<NfChain>();
  private readonly mapped = new Set<NfTable>();
  private readonly tables: NetNs['nf']['tables'];
  private readonly before: ReadonlySet<NfTable>;

  constructor(private readonly ns: NetNs) {
    this.tables = new Map(ns.nf.tables);
    this.before = new Set(this.tables.values());
  }

  /** Call before a chain changes: its rules are an array of the transaction's own afterwards. */
  own(chain: NfChain): void {
    forget(chain);
    if (this.owned.has(chain)) return;
    this.owned.add(chain);
    const { rules, policy, packets, bytes, counting, name } = chain;
    chain.rules = rules.slice();
    this.steps.push(() => {
      Object.assign(chain, { rules, policy, packets, bytes, name });
      if (counting === undefined) delete chain.counting;
      else chain.counting = counting;
      forget(chain);
    });
  }

  /** Call after a chain was made. */
  made(table: NfTable, chain: NfChain): void {
    this.owned.add(chain);
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

  /** Puts everything back. Handles that were given out stay used. */
  rollback(): void {
    for (const step of this.steps.reverse()) step();
    this.ns.nf.tables.clear();
    for (const [key, table] of this.tables) this.ns.nf.tables.set(key, table);
    touch(this.ns);
  }
}
