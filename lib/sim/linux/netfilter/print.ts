/** A rule as text: iptables-save, iptables -L and the line that -v prints when a rule is changed. */
import type { Host } from '../../kernel/world.ts';
import { listAddress, listProtocol, saveHead } from './head.ts';
import { MATCHES } from './match/registry.ts';
import { TARGETS } from './target/registry.ts';
import { TEXTS } from './texts.ts';
import type { NfRule } from './types.ts';

type Family = 'ip' | 'ip6';

/** ` -j TARGET …`, or nothing. */
export function saveTarget(rule: NfRule, family: Family): string {
  const { target } = rule;
  if (!target) return '';
  if (target.name === 'jump') return ` -j ${target.chain}`;
  if (target.name === 'goto') return ` -g ${target.chain}`;
  const kept = target[TEXTS];
  if (kept) return kept.saved;
  return ` -j ${target.name}${TARGETS.get(target.name)?.save(target.args, family) ?? ''}`;
}

/** The rule's specification, without `-A CHAIN`, with a leading blank (or empty). `counters` puts `-c P B` before the target. */
export function saveRule(rule: NfRule, family: Family, counters = false): string {
  let text = saveHead(rule.head);
  for (const m of rule.matches)
    text += ` -m ${m.name}${m[TEXTS]?.save ?? MATCHES.get(m.name)?.save(m.args, family) ?? ''}`;
  if (counters) text += ` -c ${rule.packets} ${rule.bytes}`;
  return text + saveTarget(rule, family);
}

/** `-A CHAIN …`: how a rule is written to add it. */
export const ruleLine = (chain: string, rule: NfRule, family: Family): string => `-A ${chain}${saveRule(rule, family)}`;

export interface ListFormat {
  numeric: boolean;
  verbose: boolean;
  exact: boolean;
  lineNumbers: boolean;
  host: Host | undefined;
}

/** A counter: exact, or with K, M, G and T above 99999. */
export function counterText(value: number, exact: boolean, width: boolean): string {
  if (exact) return width ? `${String(value).padStart(8)} ` : `${value} `;
  if (value <= 99999) return width ? `${String(value).padStart(5)} ` : `${value} `;
  let n = value;
  for (const unit of ['K', 'M', 'G', 'T']) {
    n = Math.floor((n + 500) / 1000);
    if (n <= 9999 || unit === 'T') return width ? `${String(n).padStart(4)}${unit} ` : `${n}${unit} `;
  }
  return '';
}

/** The target column of -L. */
export const targetName = (rule: NfRule): string => {
  const { target } = rule;
  if (!target) return '';
  return target.chain ?? TARGETS.get(target.name)?.listName ?? target.name;
};

const column = (value: string, width: number): string => value.padEnd(width);

const fragText = (frag: number): string => (frag > 0 ? '-f' : frag < 0 ? '!f' : '--');

function extensionsText(rule: NfRule, family: Family, numeric: boolean): string {
  let text = '';
  for (const m of rule.matches) {
    const kept = numeric ? m[TEXTS] : undefined;
    const shown = kept ? kept.list : MATCHES.get(m.name)?.list(m.args, numeric, rule.head, family);
    if (shown !== null && shown !== undefined) text += ` ${shown}`;
  }
  const { target } = rule;
  if (!target || target.chain) return text;
  const kept = numeric ? target[TEXTS] : undefined;
  const shown = kept ? kept.list : TARGETS.get(target.name)?.list(target.args, numeric, rule.head, family);
  return shown === null || shown === undefined ? text : `${text} ${shown}`;
}

const ifaceText = (i: NfRule['head']['iif'], numeric: boolean): string =>
  i ? `${i.not ? '!' : ''}${i.name}` : numeric ? '*' : 'any';

/** The column headings of -L. */
export function listHeading(f: ListFormat): string {
  let text = f.lineNumbers ? 'num  ' : '';
  if (f.verbose)
    text += f.exact
      ? `${'pkts'.padStart(8)} ${'bytes'.padStart(10)} `
      : `${'pkts'.padStart(5)} ${'bytes'.padStart(5)} `;
  text += `${column('target', 9)}  prot opt`;
  if (f.verbose) text += ` ${column('in', 6)} ${column('out', 6)} `;
  return `${text} ${column('source', 19)}  ${column('destination', 19)} \n`;
}

/** One row of -L. */
export function listRule(rule: NfRule, num: number, family: Family, f: ListFormat): string {
  const { head } = rule;
  let text = f.lineNumbers ? `${column(String(num), 4)} ` : '';
  if (f.verbose) text += counterText(rule.packets, f.exact, true) + counterText(rule.bytes, f.exact, true);
  text += `${column(targetName(rule), 9)} ${head.proto?.not ? '!' : ' '}${listProtocol(head, f.numeric).padEnd(4)} `;
  text += `${fragText(head.frag)} `;
  if (f.verbose) text += ` ${column(ifaceText(head.iif, f.numeric), 6)} ${column(ifaceText(head.oif, f.numeric), 6)} `;
  text += `${head.src?.not ? '!' : ' '}${column(listAddress(head.src, family, f.numeric, f.host), 19)} `;
  text += `${head.dst?.not ? '!' : ' '}${column(listAddress(head.dst, family, f.numeric, f.host), 19)} `;
  if (rule.target?.name === 'goto') text += '[goto] ';
  return `${text}${extensionsText(rule, family, f.numeric)}\n`;
}

/** What `iptables -v -A …` prints of the rule it took. */
export function verboseRule(rule: NfRule, family: Family): string {
  const { head } = rule;
  const sign = (not: boolean | undefined) => (not ? '!' : ' ');
  let text = `${targetName(rule)} ${sign(head.proto?.not)}${listProtocol(head, false)} opt ${fragText(head.frag)} `;
  text += `in ${ifaceText(head.iif, true)} out ${ifaceText(head.oif, true)} `;
  text += `${sign(head.src?.not)}${listAddress(head.src, family, true, undefined)} `;
  text += `${sign(head.dst?.not)}-> ${listAddress(head.dst, family, true, undefined)}  `;
  if (rule.target?.name === 'goto') text += '[goto] ';
  return `${text}${extensionsText(rule, family, true)}\n`;
}
