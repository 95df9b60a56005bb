/** Which chains lead to which, for the kernel's limit on nested jumps: nft_chain_validate(). */
import type { NftElem, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { NfChain, NfRule, NfTable } from '../../linux/netfilter/types.ts';

/** NFT_JUMP_STACK_SIZE. */
const MAX_DEPTH = 16;

const elemChains = (elems: readonly NftElem[]): string[] =>
  elems.flatMap((e) => (e.data && !Array.isArray(e.data) && e.data.chain !== undefined ? [e.data.chain] : []));

/** Chains a statement can go to. */
function targetsOf(table: NfTable, s: NftStmt): string[] {
  if (s.kind === 'verdict') return s.verdict.chain === undefined ? [] : [s.verdict.chain];
  if (s.kind !== 'vmap') return [];
  return elemChains('elems' in s.set ? s.set.elems : (table.sets?.get(s.set.name)?.elems ?? []));
}

/** Chains a rule can go to. */
export function ruleTargets(table: NfTable, rule: Pick<NfRule, 'nft' | 'target'>): string[] {
  if (rule.nft) return rule.nft.flatMap((s) => targetsOf(table, s));
  return rule.target?.chain === undefined ? [] : [rule.target.chain];
}

/** The jumps of one table, kept up to date while rules are added. */
export class JumpGraph {
  private readonly down = new Map<string, Set<string>>();
  private readonly up = new Map<string, Set<string>>();

  constructor(private readonly table: NfTable) {
    for (const c of table.chains.values())
      for (const r of c.rules) for (const to of ruleTargets(table, r)) this.link(c.name, to);
  }

  private link(from: string, to: string): void {
    const note = (map: Map<string, Set<string>>, a: string, b: string) => {
      const known = map.get(a);
      if (known) known.add(b);
      else map.set(a, new Set([b]));
    };
    note(this.down, from, to);
    note(this.up, to, from);
  }

  /** The longest way along `edges`, up to the limit; the limit itself for a loop. */
  private longest(
    from: string,
    edges: Map<string, Set<string>>,
    memo = new Map<string, number>(),
    open = new Set<string>(),
  ): number {
    const known = memo.get(from);
    if (known !== undefined) return known;
    if (open.has(from)) return MAX_DEPTH;
    open.add(from);
    let most = 0;
    for (const to of edges.get(from) ?? []) {
      most = Math.max(most, this.longest(to, edges, memo, open) + 1);
      if (most >= MAX_DEPTH) break;
    }
    open.delete(from);
    memo.set(from, most);
    return most;
  }

  private reachable(name: string, seen = new Set<string>()): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    if (this.table.chains.get(name)?.hook) return true;
    for (const from of this.up.get(name) ?? []) if (this.reachable(from, seen)) return true;
    return false;
  }

  /** Base chains from which packets can come to a chain; itself, where it is one. */
  bases(name: string, seen = new Set<string>()): NfChain[] {
    if (seen.has(name)) return [];
    seen.add(name);
    const chain = this.table.chains.get(name);
    if (chain?.hook) return [chain];
    return [...(this.up.get(name) ?? [])].flatMap((from) => this.bases(from, seen));
  }

  /** Chains that packets can go to from there, those named included. */
  below(names: readonly string[]): NfChain[] {
    const seen = new Set<string>();
    const left = [...names];
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      left.push(...(this.down.get(name) ?? []));
    }
    return [...seen].flatMap((name) => this.table.chains.get(name) ?? []);
  }

  /** Adds a rule's jumps; false when a packet could then nest too deep. */
  add(chain: string, targets: readonly string[]): boolean {
    for (const to of targets) this.link(chain, to);
    if (targets.length === 0 || !this.reachable(chain)) return true;
    const below = Math.max(...targets.map((t) => this.longest(t, this.down))) + 1;
    return below < MAX_DEPTH && below + this.longest(chain, this.up) < MAX_DEPTH;
  }
}
