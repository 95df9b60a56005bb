/** What iptables' commands do to chains. */
import type { RuleSpec } from './parse.ts';
import { saveRule } from './print.ts';
import { builtinChains, type IpFamily, orderedChains } from './tables.ts';
import type { NfChain, NfTable } from './types.ts';

/** -Z of one chain. */
export function zeroChain(chain: NfChain): void {
  chain.packets = 0;
  chain.bytes = 0;
  if (chain.hook) chain.counting = true;
  for (const rule of chain.rules) rule.packets = rule.bytes = 0;
}

/** -E: the chain's new name, in the rules that jump to it, too. `own` is called before a chain changes. */
export function rename(table: NfTable, chain: NfChain, to: string, own: (chain: NfChain) => void): void {
  const from = chain.name;
  own(chain);
  chain.name = to;
  table.chains = new Map([...table.chains.values()].map((c) => [c.name, c]));
  for (const c of table.chains.values()) {
    if (!c.rules.some((r) => r.target?.chain === from)) continue;
    own(c);
    // A rule's text is kept with it: one that says something else is another rule.
    c.rules = c.rules.map((r) => (r.target?.chain === from ? { ...r, target: { ...r.target, chain: to } } : r));
  }
}

/** Index of the first rule that says the same; counters do not matter. */
export function findRule(chain: NfChain, spec: RuleSpec, family: IpFamily): number {
  const wanted = saveRule({ ...spec, handle: 0, packets: 0, bytes: 0 }, family);
  return chain.rules.findIndex((r) => saveRule(r, family) === wanted);
}

/** The names of a table's chains, the built-in ones first, whether the kernel has made the table or not. */
export function namesOf(name: string, table: NfTable | undefined): string[] {
  const user = table ? orderedChains(table).filter((k) => !k.hook) : [];
  return [...builtinChains(name), ...user.map((k) => k.name)];
}

/** Rules that are pushed one by one leave room for more: with tens of thousands of short chains that room counts. */
export function trim(chain: NfChain): void {
  if (chain.rules.length <= 16) chain.rules = chain.rules.slice();
}
