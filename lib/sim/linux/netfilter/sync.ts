/** What follows from a change of the rules: tables of the recent match, references of IP sets, connection tracking. */
import { countSetReferences } from '../ipset/references.ts';
import type { NetNs } from '../types.ts';
import { syncRecent } from './recent.ts';
import type { NfRule } from './types.ts';

function* allRules(ns: NetNs): Generator<{ family: string; rule: NfRule }> {
  for (const table of ns.nf.tables.values()) {
    for (const chain of table.chains.values()) for (const rule of chain.rules) yield { family: table.family, rule };
  }
}

/** Brings derived state in line with the rules. Call it after every change. `recent`: whether a rule with that match may be new. */
export function syncRules(ns: NetNs, recent = true): void {
  if (ns.ext.recent !== undefined || (recent && usesRecent(ns))) syncRecent(ns, allRules(ns));
  if (ns.ext.ipset !== undefined) countSetReferences(ns, allRules(ns));
}

function usesRecent(ns: NetNs): boolean {
  for (const { rule } of allRules(ns)) if (rule.matches.some((m) => m.name === 'recent')) return true;
  return false;
}
