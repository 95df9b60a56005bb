/**
 * The chains by which ports are entered: written as a whole, or, when they are as the last sync left them, only where ports changed.
 * The result is the same; the real kube-proxy writes them whole each time, which costs it most of a sync of ten thousand Services.
 */

import { zeroChain } from '../../../linux/netfilter/chain-edit.ts';
import { findChain } from '../../../linux/netfilter/tables.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { placeOf } from '../service-changes.ts';
import type { ServicePort } from '../service-ports.ts';
import { ENTRY_CHAINS, type EntryRules, entryRules } from './rules.ts';

/** What follows from a port alone, kept with it. */
const ENTRIES: unique symbol = Symbol('entries');
type WithEntries = ServicePort & { [ENTRIES]?: EntryRules | undefined };

const entriesOf = (s: WithEntries): EntryRules => (s[ENTRIES] ??= entryRules(s));

/** Lines of one table, for each of its entry chains. */
export interface EntryText {
  filter: string;
  nat: string;
}

/** All rules of the entry chains, which must be empty before. */
export function wholeEntries(ports: readonly ServicePort[]): EntryText {
  const out: string[][] = ENTRY_CHAINS.map(() => []);
  for (const s of ports)
    entriesOf(s).forEach((rules, i) => {
      for (const rule of rules) out[i]?.push(`-A ${ENTRY_CHAINS[i]?.[1]} ${rule}\n`);
    });
  return joined(out);
}

/** What turns the entry chains of the last sync's ports into those of now: deletions and insertions by their places. */
export function changedEntries({ ports, before, after }: SyncInput): EntryText {
  const out: string[][] = ENTRY_CHAINS.map(() => []);
  const isNew = new Set(after);
  // Rules of the ports below a place, with those that are new and without.
  const all = ENTRY_CHAINS.map(() => 0);
  const kept = ENTRY_CHAINS.map(() => 0);
  let at = 0;
  const pass = (to: number) => {
    for (; at < to; at++) {
      const s = ports[at] as ServicePort;
      const old = !isNew.has(s);
      const rules = entriesOf(s);
      for (let i = 0; i < rules.length; i++) {
        const n = (rules[i] as readonly string[]).length;
        all[i] = (all[i] as number) + n;
        if (old) kept[i] = (kept[i] as number) + n;
      }
    }
  };
  for (const s of before) {
    pass(placeOf(ports, s.key));
    entriesOf(s).forEach((rules, i) => {
      for (const _ of rules) out[i]?.push(`-D ${ENTRY_CHAINS[i]?.[1]} ${(kept[i] as number) + 1}\n`);
    });
  }
  at = 0;
  all.fill(0);
  for (const s of after) {
    pass(placeOf(ports, s.key));
    entriesOf(s).forEach((rules, i) => {
      rules.forEach((rule, n) => {
        out[i]?.push(`-I ${ENTRY_CHAINS[i]?.[1]} ${(all[i] as number) + n + 1} ${rule}\n`);
      });
    });
  }
  return joined(out);
}

const joined = (out: readonly string[][]): EntryText => {
  const text = { filter: '', nat: '' };
  ENTRY_CHAINS.forEach(([table], i) => {
    text[table] += (out[i] ?? []).join('');
  });
  return text;
};

/** A chain that is written anew counts from nothing. */
export function zeroEntries(p: Proxier, chains: Record<'filter' | 'nat', readonly string[]>): void {
  for (const table of ['filter', 'nat'] as const)
    for (const name of chains[table]) {
      const chain = findChain(p.ns, p.family, table, name);
      if (chain) zeroChain(chain);
    }
}
