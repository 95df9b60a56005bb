/** A whole rule in nft's words: nft_ipv4_xlate() and nft_ipv6_xlate(). */
import { bitsOf, formatIp } from '../../../addr/ip.ts';
import { maskLength } from '../../../linux/netfilter/head.ts';
import { MATCHES } from '../../../linux/netfilter/match/registry.ts';
import { protocolName } from '../../../linux/netfilter/services.ts';
import type { RuleHead } from '../../../linux/netfilter/types.ts';
import type { RuleSpec } from '../../../linux/netfilter/xt-command.ts';
import { type Context, MATCH_WORDS } from './matches.ts';
import { TARGET_WORDS } from './targets.ts';

const ne = (not: boolean): string => (not ? '!= ' : '');

function device(word: string, dev: RuleHead['iif']): string[] {
  if (!dev) return [];
  // nft knows no pattern that is a star alone: one that fits nothing stands for "not any".
  if (dev.name === '+') return dev.not ? [`${word} "INVAL/D"`] : [];
  const name = dev.name.replace(/\*$/, '\\*').replace(/\+$/, '*');
  return [`${word} ${ne(dev.not)}"${name}"`];
}

function address(selector: string, a: RuleHead['src']): string[] {
  if (!a) return [];
  const len = maskLength(a.mask);
  if (len === null) return [`${selector} & ${formatIp(a.mask)} ${a.not ? '!=' : '=='} ${formatIp(a.ip)}`];
  return [`${selector} ${ne(a.not)}${formatIp(a.ip)}${len === bitsOf(a.ip) ? '' : `/${len}`}`];
}

function protocol(rule: RuleSpec, family: 'ip' | 'ip6'): string[] {
  const { proto } = rule.head;
  if (!proto) return [];
  const name = protocolName(proto.number);
  if (name !== null && rule.matches.some((m) => m.name === name && MATCHES.has(m.name))) return [];
  return [`${family === 'ip' ? 'ip protocol' : 'meta l4proto'} ${ne(proto.not)}${name ?? proto.number}`];
}

/** The rule behind `add rule FAMILY TABLE CHAIN`, and the sets it needs. Null when a part of it has no translation. */
export function ruleWords(rule: RuleSpec, family: 'ip' | 'ip6'): { text: string; sets: string[] } | null {
  const { head } = rule;
  const ctx: Context = { family, proto: head.proto?.number ?? 0, sets: [], comment: null };
  const words = [...device('iifname', head.iif), ...device('oifname', head.oif)];
  if (head.frag !== 0) words.push(`ip frag-off & 0x1fff ${head.frag > 0 ? '!= ' : ''}0`);
  words.push(
    ...protocol(rule, family),
    ...address(`${family} saddr`, head.src),
    ...address(`${family} daddr`, head.dst),
  );
  const before = words.length;
  for (const m of rule.matches) {
    const text = MATCH_WORDS[m.name]?.(m.args, ctx) ?? null;
    if (text === null) return null;
    // A match that brings its own blank along needs none behind another match; the head ends in one.
    if (text !== '') words.push(words.length > before ? text.trimStart() : text);
  }
  words.push('counter');
  const { target } = rule;
  if (target?.chain !== undefined) words.push(`${target.name} ${target.chain}`);
  else if (target) {
    const text = TARGET_WORDS[target.name]?.(target.args, family) ?? null;
    if (text === null) return null;
    words.push(text);
  }
  if (ctx.comment !== null) words.push(`comment "${ctx.comment}"`);
  return { text: words.join(' '), sets: ctx.sets };
}
