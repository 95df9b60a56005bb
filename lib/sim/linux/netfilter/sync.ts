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

/** Brings derived state in line with the rules. Call it after every change. */
export function syncRules(ns: NetNs): void {
  const uses = (name: string) => {
    for (const { rule } of allRules(ns)) if (rule.matches.some((m) => m.name === name)) return true;
    return false;
  };
  if (ns.ext.recent !== undefined || uses('recent')) syncRecent(ns, allRules(ns));
  countSetReferences(ns, allRules(ns));
}
