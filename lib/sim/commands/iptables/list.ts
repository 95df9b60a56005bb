/** iptables -L and -S, and iptables-save's text. */
import type { Host, World } from '../../kernel/world.ts';
import { isCompatible, isTainted } from '../../linux/netfilter/compat.ts';
import { XtError } from '../../linux/netfilter/ext.ts';
import type { XtCommand } from '../../linux/netfilter/parse.ts';
import { counterText, type ListFormat, listHeading, listRule, saveRule } from '../../linux/netfilter/print.ts';
import { ListPrinter, SavePrinter, Text } from '../../linux/netfilter/print-bulk.ts';
import {
  builtinChains,
  findTable,
  type IpFamily,
  referenceCounts,
  TABLE_NAMES,
  userChains,
} from '../../linux/netfilter/tables.ts';
import type { NfChain, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';

/** The legacy front end's answer for a chain that is not there. */
export class NoChain extends Error {}

/** iptables-nft met a rule that it cannot read: what it had printed by then, and what it says of the rule. */
export class Unread extends Error {
  constructor(
    readonly text: string,
    readonly errors: readonly string[],
  ) {
    super('Parsing nftables rule failed');
  }
}

/** The chains up to the first rule that cannot be read, and that rule's errors. */
function readable(chains: NfChain[]): { chains: NfChain[]; errors: readonly string[] | null } {
  for (const [i, chain] of chains.entries()) {
    const at = chain.rules.findIndex((r) => r.unread);
    const errors = chain.rules[at]?.unread;
    if (errors) return { chains: [...chains.slice(0, i), { ...chain, rules: chain.rules.slice(0, at) }], errors };
  }
  return { chains, errors: null };
}

export interface Source {
  ns: NetNs;
  host: Host | undefined;
  family: IpFamily;
  owner: 'nft' | 'iptables';
}

const phantom = (name: string): NfChain => ({
  name,
  hook: 'INPUT',
  priority: 0,
  policy: 'ACCEPT',
  rules: [],
  packets: 0,
  bytes: 0,
  handle: 0,
});

/** Built-in chains in hook order (as if they were there), then user chains by name. */
function chainsOf(source: Source, name: string): { table: NfTable | undefined; chains: NfChain[] } {
  const table = findTable(source.ns, source.family, name, source.owner);
  const base = builtinChains(name).map((c) => table?.chains.get(c) ?? phantom(c));
  const user = table ? userChains(table) : [];
  return { table, chains: [...base, ...user] };
}

const incompatible = (table: string, chain?: string): XtError =>
  new XtError(
    `${chain === undefined ? '' : `chain \`${chain}' in `}table \`${table}' is incompatible, use 'nft' tool.`,
    1,
  );

/** A line about base chains that only nft shows. */
const taintText = (name: string, table: NfTable | undefined): string =>
  table && isTainted(table)
    ? `# Table \`${name}' contains incompatible base-chains, use 'nft' tool to list them.\n`
    : '';

/** One chain by its name, when iptables sees it. */
function named(source: Source, tableName: string, name: string): { table: NfTable; chains: NfChain[] } | null {
  const table = findTable(source.ns, source.family, tableName, source.owner);
  const chain = table?.chains.get(name);
  if (!table || !chain) return null;
  return chain.hook === null || builtinChains(tableName).some((b) => b === name) ? { table, chains: [chain] } : null;
}

function select(source: Source, c: XtCommand): { table: NfTable | undefined; chains: NfChain[] } {
  const all = (c.chain === null ? null : named(source, c.table, c.chain)) ?? chainsOf(source, c.table);
  if (c.chain === null) {
    if (all.table && !isCompatible(all.table)) throw incompatible(c.table);
    return all;
  }
  const chains = all.chains.filter((chain) => chain.name === c.chain);
  if (chains.length === 0) {
    if (source.owner === 'iptables') throw new NoChain();
    throw incompatible(c.table, c.chain);
  }
  if (all.table && chains[0] && !isCompatible(all.table, chains[0])) throw incompatible(c.table, c.chain);
  return { table: all.table, chains };
}

function heading(chain: NfChain, f: ListFormat): string {
  const counters = f.verbose
    ? ` ${counterText(chain.packets, f.exact, false)}packets, ${counterText(chain.bytes, f.exact, false)}bytes`
    : '';
  return `Chain ${chain.name} (policy ${chain.policy}${counters})\n`;
}

/** The text of `iptables -L`. Throws XtError for a chain that is not there, Unread at a rule it cannot read. */
export function listText(source: Source, c: XtCommand): string {
  const f: ListFormat = {
    numeric: c.numeric,
    verbose: c.verbose > 0,
    exact: c.exact,
    lineNumbers: c.lineNumbers,
    host: source.host,
  };
  const selected = select(source, c);
  const { table } = selected;
  const { chains, errors } = readable(selected.chains);
  const taint = c.chain === null ? taintText(c.table, table) : '';
  if (c.rulenum > 0) {
    const rule = chains[0]?.rules[c.rulenum - 1];
    return taint + (rule ? listRule(rule, c.rulenum, source.family, f) : '');
  }
  const references = table ? referenceCounts(table) : new Map<string, number>();
  const text = new Text();
  text.put(taint);
  const printer = new ListPrinter(source.ns.nf, source.family, f);
  if (table && chains.length > 1) printer.warm(table);
  const columns = listHeading(f);
  for (const [i, chain] of chains.entries()) {
    text.row();
    if (i > 0) text.put('\n');
    if (chain.hook) text.put(heading(chain, f));
    else
      for (const piece of ['Chain ', chain.name, ' (', String(references.get(chain.name) ?? 0), ' references)\n'])
        text.put(piece);
    text.put(columns);
    text.put(printer.chain(chain));
  }
  if (errors) throw new Unread(text.take(), errors);
  return text.take();
}

/** The text of `iptables -S`. */
export function specText(source: Source, c: XtCommand): string {
  const { table, chains } = select(source, c);
  const taint = c.chain === null ? taintText(c.table, table) : '';
  const counters = c.verbose > 0;
  const line = (chain: NfChain, i: number) => {
    const rule = chain.rules[i];
    return rule ? `-A ${chain.name}${saveRule(rule, source.family, counters)}\n` : '';
  };
  if (c.rulenum > 0) return taint + (chains[0] ? line(chains[0], c.rulenum - 1) : '');
  let text = taint;
  for (const chain of chains) {
    if (chain.hook)
      text += `-P ${chain.name} ${chain.policy}${counters ? ` -c ${chain.packets} ${chain.bytes}` : ''}\n`;
    else text += `-N ${chain.name}\n`;
  }
  const known = readable(chains);
  for (const chain of known.chains) for (let i = 0; i < chain.rules.length; i++) text += line(chain, i);
  if (known.errors) throw new Unread(text, known.errors);
  return text;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ctime(3) of the virtual clock, UTC. */
export function ctime(world: World): string {
  const d = new Date((world.epoch + Math.floor(world.now / 1_000_000)) * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  return `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${String(d.getUTCDate()).padStart(2)} ${time} ${d.getUTCFullYear()}`;
}

/** The text of iptables-save for one table, or for all that exist. */
export function saveText(world: World, source: Source, only: string | null, counters: boolean, prog: string): string {
  const title = `${prog} v1.8.9${source.owner === 'nft' ? ' (nf_tables)' : ''}`;
  const date = ctime(world);
  const text = new Text();
  const names =
    source.owner === 'nft'
      ? TABLE_NAMES
      : [...source.ns.nf.tables.values()]
          .filter((t) => t.owner === 'iptables' && t.family === source.family)
          .map((t) => t.name)
          .reverse();
  for (const name of names) {
    if (only !== null && name !== only) continue;
    const table = findTable(source.ns, source.family, name, source.owner);
    // Asked for by name, a table shows its built-in chains before the kernel has them.
    if (!table && only === null) continue;
    if (table && !isCompatible(table)) {
      text.put(`# Table \`${name}' is incompatible, use 'nft' tool.\n`);
      continue;
    }
    text.put(taintText(name, table));
    text.put(`# Generated by ${title} on ${date}\n*${name}\n`);
    const { chains } = chainsOf(source, name);
    for (const c of chains) {
      text.row();
      if (c.hook) text.put(`:${c.name} ${c.policy} [${c.packets}:${c.bytes}]\n`);
      else {
        text.put(':');
        text.put(c.name);
        text.put(' - [0:0]\n');
      }
    }
    const printer = new SavePrinter(source.ns.nf, source.family, counters);
    if (table) printer.warm(table);
    const known = readable(chains);
    for (const c of known.chains) {
      text.row();
      text.put(printer.chain(c));
    }
    if (known.errors) throw new Unread(text.take(), known.errors);
    text.put(`COMMIT\n# Completed on ${date}\n`);
  }
  return text.take();
}
