/** nft list: tables, chains and rules as nft 1.0.6 prints them. */
import type { NftSet } from '../../linux/netfilter/nft/types.ts';
import type { Hook, NfChain, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { nftRuleText, type ShowOptions, setText } from './show.ts';
import { ruleText } from './translate.ts';

export interface ListOptions {
  handles: boolean;
  numeric: boolean;
  stateless: boolean;
  /** Where names of devices come from, and the virtual time for what expires. */
  ns: NetNs;
  now: number;
}

/** Names of priorities, where they are known. */
function priorityText(chain: NfChain, numeric: boolean): string {
  const { priority, hook } = chain;
  if (numeric) return String(priority);
  if (priority === 0) return 'filter';
  if (priority === -300) return 'raw';
  if (priority === -150) return 'mangle';
  if (priority === 50) return 'security';
  if (priority === -100 && hook === 'PREROUTING') return 'dstnat';
  if (priority === 100 && hook === 'POSTROUTING') return 'srcnat';
  return String(priority);
}

const typeOf = (table: NfTable, hook: Hook): string =>
  table.name === 'nat' ? 'nat' : table.name === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter';

function baseLine(table: NfTable, chain: NfChain, o: ListOptions): string {
  if (!chain.hook) return '';
  return `\t\ttype ${chain.type ?? typeOf(table, chain.hook)} hook ${chain.hook.toLowerCase()} priority ${priorityText(chain, o.numeric)}; policy ${chain.policy === 'DROP' ? 'drop' : 'accept'};\n`;
}

const handle = (o: ListOptions, n: number): string => (o.handles ? ` # handle ${n}` : '');

/** What values are written by. */
export const showOptions = (table: NfTable, o: ListOptions): ShowOptions => ({
  ns: o.ns,
  now: o.now,
  family: table.family,
  numeric: o.numeric,
  stateless: o.stateless,
});

export interface Listing {
  text: string;
  /** Tables with xt extensions in what was shown: nft warns of them. */
  warned: NfTable[];
}

function chainText(table: NfTable, chain: NfChain, o: ListOptions, warned: Set<NfTable>, rules: boolean): string {
  const family = table.family === 'ip6' ? 'ip6' : 'ip';
  let text = `\tchain ${chain.name} {${handle(o, chain.handle)}\n${chain.comment ? `\t\tcomment "${chain.comment}"\n` : ''}${baseLine(table, chain, o)}`;
  if (rules) {
    for (const rule of chain.rules) {
      if (rule.nft) {
        text += `\t\t${nftRuleText(rule, showOptions(table, o))}${handle(o, rule.handle)}\n`;
        continue;
      }
      const { text: line, xt } = ruleText(rule, family);
      if (xt) warned.add(table);
      text += `\t\t${o.stateless ? line.replace(/counter packets \d+ bytes \d+/, 'counter') : line}${handle(o, rule.handle)}\n`;
    }
  }
  return `${text}\t}\n`;
}

/** Some chains of some tables. `compact` is `list chains`: no rules, no blank lines. */
export function listTables(
  tables: readonly { table: NfTable; chains: readonly NfChain[]; sets?: readonly NftSet[] }[],
  o: ListOptions,
  compact = false,
): Listing {
  const warned = new Set<NfTable>();
  const text = tables
    .map(({ table, chains, sets = [] }) => {
      const parts = sets.map((s) => setText(s, showOptions(table, o), o.handles));
      parts.push(...chains.map((c) => chainText(table, c, o, warned, !compact)));
      const body =
        (table.comment && !compact ? `\tcomment "${table.comment}"\n` : '') + parts.join(compact ? '' : '\n');
      return `table ${table.family} ${table.name} {${compact ? '' : handle(o, table.handle)}\n${body}}\n`;
    })
    .join('');
  return { text, warned: [...warned] };
}

/** The warnings about tables that iptables-nft keeps. */
export const warnings = (tables: readonly NfTable[]): string =>
  tables.map((t) => `# Warning: table ${t.family} ${t.name} is managed by iptables-nft, do not touch!\n`).join('');
