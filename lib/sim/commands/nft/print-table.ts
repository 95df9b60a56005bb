/** Tables and chains as nft 1.0.6 lists them. */
import type { Hook, NfChain, NfTable } from '../../linux/netfilter/types.ts';
import type { Surroundings } from './context.ts';
import { flowtableText, objectText, type SetOptions, setText } from './print-set.ts';
import { nftRuleText } from './print-stmt.ts';
import { priorityText } from './priority.ts';
import { foreignRuleText } from './translate-list.ts';

export interface ListOptions extends SetOptions {
  numericPriority: boolean;
  env: Surroundings;
}

export interface Part {
  table: NfTable;
  chains: readonly NfChain[];
  sets?: boolean;
}

/** iptables' chains have the type their table's name gives. */
export const chainType = (table: NfTable, chain: NfChain): string =>
  chain.type ??
  (table.name === 'nat' ? 'nat' : table.name === 'mangle' && chain.hook === 'OUTPUT' ? 'route' : 'filter');

function baseLine(table: NfTable, chain: NfChain, o: ListOptions): string {
  if (!chain.hook) return '';
  const priority = priorityText(chain.priority, table.family, chain.hook as Hook, o.numericPriority);
  const devices = chain.devices ?? [];
  const at =
    devices.length === 0
      ? ''
      : devices.length === 1
        ? ` device "${devices[0]}"`
        : ` devices = { ${devices.join(', ')} }`;
  return `\t\ttype ${chainType(table, chain)} hook ${chain.hook.toLowerCase()}${at} priority ${priority}; policy ${chain.policy === 'DROP' ? 'drop' : 'accept'};\n`;
}

const handle = (o: ListOptions, n: number): string => (o.handles ? ` # handle ${n}` : '');

/** What a rule is on one line; tables with xt extensions are noted. */
export function ruleLine(table: NfTable, rule: NfChain['rules'][number], o: ListOptions, warned: Set<NfTable>): string {
  if (rule.nft) return nftRuleText(rule, { ...o, family: table.family });
  const { text, xt } = foreignRuleText(table, rule, o);
  if (xt) warned.add(table);
  return text;
}

export function chainText(
  table: NfTable,
  chain: NfChain,
  o: ListOptions,
  warned: Set<NfTable>,
  rules: boolean,
): string {
  const comment = chain.comment === undefined ? '' : `\t\tcomment "${chain.comment}"\n`;
  let text = `\tchain ${chain.name} {${handle(o, chain.handle)}\n${comment}${baseLine(table, chain, o)}`;
  if (rules)
    for (const rule of chain.rules) text += `\t\t${ruleLine(table, rule, o, warned)}${handle(o, rule.handle)}\n`;
  return `${text}\t}\n`;
}

/** A table with some of its chains, and with its sets and objects where it is listed whole. */
export function tableText(part: Part, o: ListOptions, warned: Set<NfTable>): string {
  const { table, chains } = part;
  const so = { ...o, family: table.family };
  const parts: string[] = [];
  if (part.sets) {
    for (const ob of table.objects?.values() ?? []) parts.push(objectText(ob, so, table.family));
    for (const s of table.sets?.values() ?? []) parts.push(setText(s, so));
    for (const f of table.flowtables?.values() ?? []) parts.push(flowtableText(f, so));
  }
  parts.push(...chains.map((c) => chainText(table, c, o, warned, true)));
  const flags = table.dormant && part.sets ? '\tflags dormant\n' : '';
  const comment = table.comment !== undefined && part.sets ? `\tcomment "${table.comment}"\n` : '';
  return `table ${table.family} ${table.name} {${part.sets ? handle(o, table.handle) : ''}\n${flags}${comment}${flags && parts.length > 0 ? '\n' : ''}${parts.join('\n')}}\n`;
}

/** The warnings about tables that iptables-nft keeps. */
export const warnings = (tables: Iterable<NfTable>): string =>
  [...tables].map((t) => `# Warning: table ${t.family} ${t.name} is managed by iptables-nft, do not touch!\n`).join('');
