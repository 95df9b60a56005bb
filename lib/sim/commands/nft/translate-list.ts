/** How nft lists a rule that iptables wrote: as text, and as JSON. */
import type { NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { NfRule, NfTable } from '../../linux/netfilter/types.ts';
import { EvalContext, type Surroundings } from './context.ts';
import { Cursor } from './cursor.ts';
import type { ValueStyle } from './datatypes.ts';
import { evalRule } from './eval-stmt.ts';
import { stmtJson } from './json-expr.ts';
import { tokenize } from './lexer.ts';
import { parseRule } from './parse-stmt.ts';
import type { PrintOptions } from './print-expr.ts';
import { stmtText } from './print-stmt.ts';
import { type Part, ruleParts } from './translate.ts';
import { visibleStmts } from './visible.ts';

type Family = 'ip' | 'ip6';
const familyOf = (table: NfTable): Family => (table.family === 'ip6' ? 'ip6' : 'ip');

/** What nft's own expressions say, as statements. */
function nativeStmts(text: string, family: Family, env: Surroundings): NftStmt[] {
  const raw = parseRule(new Cursor(tokenize(`${text}\n`), env.ns));
  const stmts = evalRule(raw, new EvalContext(env, family, undefined)).stmts.map((p) => p.stmt);
  return visibleStmts(stmts, family);
}

const plain = (o: ValueStyle): boolean => o.symbols && o.protocols && !o.services;

/** A rule on one line, and whether an extension of iptables stands in it. Options that change how values look reach nft's own expressions only. */
export function foreignRuleText(
  table: NfTable,
  rule: NfRule,
  o: PrintOptions & { env: Surroundings },
): { text: string; xt: boolean } {
  const family = familyOf(table);
  const parts = ruleParts(rule, family);
  const words = (p: Part): string =>
    p.xt || (plain(o) && !o.stateless)
      ? p.text
      : nativeStmts(p.text, family, o.env)
          .map((s) => stmtText(s, { ...o, family }))
          .join(' ');
  return { text: parts.map(words).join(' '), xt: parts.some((p) => p.xt) };
}

/** A rule's expressions in libnftables' JSON; an extension is its name alone (libnftables-json(5), XT). */
export function foreignRuleJson(
  table: NfTable,
  rule: NfRule,
  o: ValueStyle & { stateless: boolean; env: Surroundings },
): unknown[] {
  const family = familyOf(table);
  return ruleParts(rule, family).flatMap((p): unknown[] =>
    p.xt
      ? [{ xt: { type: p.type, name: p.name } }]
      : nativeStmts(p.text, family, o.env).map((s) => stmtJson(s, { ...o, family })),
  );
}
