/** How many rules and lists refer to each set: `References:` in ipset list. */
import type { NfRule } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { setsOf } from './types.ts';

/** Counts the references anew from the rules and the lists of sets. */
export function countSetReferences(ns: NetNs, rules: Iterable<{ rule: NfRule }>): void {
  if (ns.ext.ipset === undefined) return;
  const sets = setsOf(ns);
  for (const set of sets.values()) set.references = 0;
  const add = (name: unknown) => {
    const set = typeof name === 'string' ? sets.get(name) : undefined;
    if (set) set.references++;
  };
  for (const set of sets.values()) {
    for (const e of set.entries.values()) if (e.parts[0]?.kind === 'set') add(e.parts[0].name);
  }
  for (const { rule } of rules) {
    for (const m of rule.matches) if (m.name === 'set') add(m.args.set);
    if (rule.target?.name !== 'SET') continue;
    for (const part of ['add', 'del', 'map']) add((rule.target.args[part] as { set?: string } | null)?.set);
  }
}
