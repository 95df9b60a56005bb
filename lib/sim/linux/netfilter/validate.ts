/** What the kernel checks when rules are loaded: extensions in their places, jumps without loops, not too deep. */
import type { CheckContext, Refusal } from './ext.ts';
import { MATCHES } from './match/registry.ts';
import { TARGETS } from './target/registry.ts';
import type { Hook, NfChain, NfRule, NfTable } from './types.ts';

/** NFT_JUMP_STACK_SIZE: how deep jumps may nest. */
const MAX_DEPTH = 16;

function checkExtensions(table: NfTable, rule: NfRule, hooks: ReadonlySet<Hook>, deep: boolean): Refusal {
  const family = table.family === 'ip6' ? 'ip6' : 'ip';
  const ctx: CheckContext = { table: table.name, family, hooks, head: rule.head, deep };
  const { src, dst } = rule.head;
  for (const a of [src, dst]) if (a?.not && (a.mask === 0 || a.mask === 0n)) return 'EINVAL';
  for (const m of rule.matches) {
    const refusal = MATCHES.get(m.name)?.accept?.(m.args, ctx) ?? null;
    if (refusal) return refusal;
  }
  if (!rule.target || rule.target.chain !== undefined) return null;
  return TARGETS.get(rule.target.name)?.accept?.(rule.target.args, ctx) ?? null;
}

/** The check of one rule where it stands: its extensions in this chain's own hook, and what it jumps to. */
export function checkPlace(table: NfTable, chain: NfChain, rule: NfRule): Refusal {
  const refusal = checkExtensions(table, rule, new Set(chain.hook ? [chain.hook] : []), false);
  if (refusal) return refusal;
  const jump = rule.target?.chain;
  if (jump !== undefined && !table.chains.has(jump)) return 'ENOENT';
  if (jump !== undefined && table.chains.get(jump)?.hook) return 'EOPNOTSUPP';
  return null;
}

/** The check of a whole table: from every base chain, along every jump. Null when it holds. */
export function validate(table: NfTable): Refusal {
  for (const base of table.chains.values()) {
    if (!base.hook) continue;
    const refusal = walk(table, base, new Set([base.hook]), 0, new Map());
    if (refusal) return refusal;
  }
  return null;
}

function walk(
  table: NfTable,
  chain: NfChain,
  hooks: ReadonlySet<Hook>,
  level: number,
  seen: Map<string, number>,
): Refusal {
  if (level >= MAX_DEPTH) return 'EMLINK';
  const before = seen.get(chain.name);
  if (before !== undefined && before >= level) return null;
  seen.set(chain.name, level);
  for (const rule of chain.rules) {
    if (level > 0 && before === undefined) {
      const refusal = checkExtensions(table, rule, hooks, true);
      if (refusal) return refusal;
    }
    const next = rule.target?.chain === undefined ? undefined : table.chains.get(rule.target.chain);
    if (!next) continue;
    const refusal = walk(table, next, hooks, level + 1, seen);
    if (refusal) return refusal;
  }
  return null;
}
