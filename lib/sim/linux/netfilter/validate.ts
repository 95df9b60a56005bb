/** What the kernel checks when rules are loaded: extensions in their places, jumps without loops, not too deep. */
import { EPOCH, REACH } from '../derived.ts';
import { cacheOf } from './chain-cache.ts';
import type { CheckContext, Refusal } from './ext.ts';
import { MATCHES } from './match/registry.ts';
import { TARGETS } from './target/registry.ts';
import type { Hook, Netfilter, NfChain, NfRule, NfTable } from './types.ts';

/** NFT_JUMP_STACK_SIZE: how deep jumps may nest. */
const MAX_DEPTH = 16;

const HOOKS: readonly Hook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
const NONE: ReadonlySet<Hook> = new Set();
const ONLY = new Map(HOOKS.map((hook): [Hook, ReadonlySet<Hook>] => [hook, new Set([hook])]));
const only = (hook: Hook): ReadonlySet<Hook> => ONLY.get(hook) as ReadonlySet<Hook>;

/** What validation looks at in a chain: rules whose extensions have a check of their own, and chains that rules lead to. */
export interface ChainChecks {
  rules: NfRule[];
  jumps: string[];
}

/** For each chain the hooks (as bits) from which packets can come, and the longest way of jumps: at least that much, as rules that went are not taken back. */
export interface Reach {
  epoch: number;
  chains: Map<string, { hooks: number; level: number }>;
}

/** Chains of no more rules are looked through each time. */
const FEW = 8;

const hasCheck = (rule: NfRule): boolean => {
  const { src, dst } = rule.head;
  if (src?.not || dst?.not) return true;
  for (const m of rule.matches) if (MATCHES.get(m.name)?.accept) return true;
  const { target } = rule;
  return target !== null && target.chain === undefined && TARGETS.get(target.name)?.accept !== undefined;
};

function checksOf(nf: Netfilter, chain: NfChain): ChainChecks {
  const cache = cacheOf(nf, chain);
  if (cache.checks) return cache.checks;
  const jumps = new Set<string>();
  for (const rule of chain.rules) if (rule.target?.chain !== undefined) jumps.add(rule.target.chain);
  cache.checks = { rules: chain.rules.filter(hasCheck), jumps: [...jumps] };
  return cache.checks;
}

function checkExtensions(table: NfTable, rule: NfRule, hooks: ReadonlySet<Hook>, deep: boolean): Refusal {
  const { src, dst } = rule.head;
  if (src?.not && (src.mask === 0 || src.mask === 0n)) return 'EINVAL';
  if (dst?.not && (dst.mask === 0 || dst.mask === 0n)) return 'EINVAL';
  let ctx: CheckContext | null = null;
  const made = () =>
    (ctx ??= { table: table.name, family: table.family === 'ip6' ? 'ip6' : 'ip', hooks, head: rule.head, deep });
  for (const m of rule.matches) {
    const def = MATCHES.get(m.name);
    const refusal = def?.accept ? def.accept(m.args, made()) : null;
    if (refusal) return refusal;
  }
  if (!rule.target || rule.target.chain !== undefined) return null;
  const def = TARGETS.get(rule.target.name);
  return def?.accept ? def.accept(rule.target.args, made()) : null;
}

/** The check of one rule where it stands: its extensions in this chain's own hook, and what it jumps to. */
export function checkPlace(table: NfTable, chain: NfChain, rule: NfRule): Refusal {
  const refusal = checkExtensions(table, rule, chain.hook ? only(chain.hook) : NONE, false);
  if (refusal) return refusal;
  const jump = rule.target?.chain;
  if (jump !== undefined && !table.chains.has(jump)) return 'ENOENT';
  if (jump !== undefined && table.chains.get(jump)?.hook) return 'EOPNOTSUPP';
  return null;
}

/** Whether it is known what leads where: then only new rules need a look. */
export const isReachKnown = (nf: Netfilter, table: NfTable): boolean => table[REACH]?.epoch === (nf[EPOCH] ?? 0);

/**
 * The check of a table after rules were added, along every jump from every base chain. Only what the new rules lead to is
 * looked at when the state before is known. Null when it holds.
 */
export function validate(
  nf: Netfilter,
  table: NfTable,
  added: readonly { chain: NfChain; rule: NfRule }[] | null,
): Refusal {
  const epoch = nf[EPOCH] ?? 0;
  const known = table[REACH];
  if (added && known && known.epoch === epoch) {
    if (added.every(({ chain, rule }) => extend(nf, table, known, chain, rule))) return null;
  }
  const reach: Reach = { epoch, chains: new Map() };
  table[REACH] = reach;
  if (reachAll(nf, table, reach)) return null;
  table[REACH] = undefined;
  for (const base of table.chains.values()) {
    if (!base.hook) continue;
    const refusal = walk(table, base, only(base.hook), 0, new Map());
    if (refusal) return refusal;
  }
  return null;
}

/** Whether a new rule holds where packets can come to its chain now. False: look at everything. */
function extend(nf: Netfilter, table: NfTable, reach: Reach, chain: NfChain, rule: NfRule): boolean {
  const own = chain.hook ? { hooks: bitOf(chain.hook), level: 0 } : reach.chains.get(chain.name);
  if (!own) return true;
  if (!chain.hook && !holds(table, rule, own.hooks)) return false;
  const jump = rule.target?.chain;
  return jump === undefined || grow(nf, table, reach, jump, own.hooks, own.level + 1);
}

function reachAll(nf: Netfilter, table: NfTable, reach: Reach): boolean {
  const seeds = new Map<string, number>();
  for (const base of table.chains.values()) {
    if (!base.hook) continue;
    for (const jump of checksOf(nf, base).jumps) seeds.set(jump, (seeds.get(jump) ?? 0) | bitOf(base.hook));
  }
  for (const [jump, hooks] of seeds) if (!grow(nf, table, reach, jump, hooks, 1)) return false;
  return true;
}

const bitOf = (hook: Hook): number => 1 << HOOKS.indexOf(hook);

/** Every set of hooks, by its bits. */
const SETS: readonly ReadonlySet<Hook>[] = Array.from(
  { length: 1 << HOOKS.length },
  (_, bits) => new Set(HOOKS.filter((_h, i) => bits & (1 << i))),
);

/** Whether a rule may stand where packets of these hooks come: no extension takes back with more hooks what it refuses with one. */
const holds = (table: NfTable, rule: NfRule, hooks: number): boolean =>
  checkExtensions(table, rule, SETS[hooks] as ReadonlySet<Hook>, true) === null;

/** Notes that packets of these hooks come to a chain at this depth, and follows its jumps when that is news. */
function grow(nf: Netfilter, table: NfTable, reach: Reach, name: string, hooks: number, level: number): boolean {
  const chain = table.chains.get(name);
  if (!chain) return true;
  if (level >= MAX_DEPTH || chain.hook) return false;
  let now = reach.chains.get(name);
  const fresh = now ? hooks & ~now.hooks : hooks;
  if (!now) reach.chains.set(name, (now = { hooks, level }));
  else if (fresh === 0 && level <= now.level) return true;
  now.hooks |= hooks;
  if (level > now.level) now.level = level;
  const { hooks: all, level: deep } = now;
  if (chain.rules.length <= FEW) {
    let last = '';
    for (const rule of chain.rules) {
      if (fresh !== 0 && !holds(table, rule, fresh)) return false;
      const jump = rule.target?.chain;
      if (jump === undefined || jump === last) continue;
      if (!grow(nf, table, reach, jump, all, deep + 1)) return false;
      last = jump;
    }
    return true;
  }
  const { rules, jumps } = checksOf(nf, chain);
  if (fresh !== 0) for (const rule of rules) if (!holds(table, rule, fresh)) return false;
  for (const jump of jumps) if (!grow(nf, table, reach, jump, all, deep + 1)) return false;
  return true;
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
