/** One transaction: what it changed so far, and the way back. */
import type { NftSet, NftStmt } from '../../linux/netfilter/nft/types.ts';
import { tableKey } from '../../linux/netfilter/tables.ts';
import type { NfChain, NfRule, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import type { Command } from './command.ts';
import type { Surroundings } from './context.ts';
import { NftError } from './cursor.ts';
import { JumpGraph } from './graph.ts';

export interface Echo {
  verb: 'add' | 'insert' | 'replace' | 'delete';
  object: string;
  table: NfTable;
  chain?: NfChain;
  rule?: NfRule;
  set?: NftSet;
  elems?: NftSet['elems'];
  name?: string;
}

interface Saved {
  tables: Map<string, NfTable>;
  nextHandle: number;
}

/** A copy of the rules that keeps its own tables, chains and sets; arrays are copied when they are first changed. */
function save(ns: NetNs): Saved {
  const tables = new Map<string, NfTable>();
  for (const [key, t] of ns.nf.tables) {
    const copy: NfTable = { ...t, chains: new Map([...t.chains].map(([name, c]) => [name, { ...c }])) };
    if (t.sets) copy.sets = new Map([...t.sets].map(([name, s]) => [name, { ...s }]));
    if (t.objects) copy.objects = new Map([...t.objects].map(([name, o]) => [name, { ...o }]));
    if (t.flowtables) copy.flowtables = new Map(t.flowtables);
    tables.set(key, copy);
  }
  return { tables, nextHandle: ns.nf.nextHandle };
}

export class Batch {
  readonly ns: NetNs;
  /** Errors nft itself found, and what the kernel answered. */
  errors: NftError[] = [];
  answers: NftError[] = [];
  /** Rules that a chain's block left to be added. */
  rules: Command[] = [];
  echoes: Echo[] = [];
  changed = false;
  private readonly before: Saved;
  private readonly owned = new Set<object>();
  private readonly graphs = new Map<NfTable, JumpGraph>();

  /** Tables that the batch made. */
  readonly made = new Set<NfTable>();

  constructor(
    readonly env: Surroundings,
    private readonly check: boolean,
  ) {
    this.ns = env.ns;
    this.before = save(env.ns);
  }

  find(cmd: { family: string; table: string }): NfTable | undefined {
    return this.ns.nf.tables.get(tableKey(cmd.family, cmd.table));
  }

  /** What the kernel is asked to do: its errors are answers, and the batch goes on. */
  toKernel(run: () => void): void {
    this.changed = true;
    try {
      run();
    } catch (e) {
      if (!(e instanceof NftError)) throw e;
      this.answers.push(e);
    }
  }

  echo(e: Echo): void {
    this.echoes.push(e);
  }

  /** The jumps of a table; worked out when they are first asked for. */
  graph(table: NfTable): JumpGraph {
    let g = this.graphs.get(table);
    if (!g) {
      g = new JumpGraph(table);
      this.graphs.set(table, g);
    }
    return g;
  }

  /**
   * Whether what jumps lead to is looked at in a table. With `-c` there is no commit, and abort only asks for another run in
   * which tables that the batch itself made start anew (nf_tables_validate(), NFNL_ABORT_VALIDATE).
   */
  validates(table: NfTable): boolean {
    return !this.check || !this.made.has(table) || this.ns.nf.validating === true;
  }

  /** Jumps lead where they may not: the kernel keeps looking until a commit succeeds. */
  unsound(error: NftError): NftError {
    if (!this.check) this.ns.nf.validating = true;
    return error;
  }

  /** A chain's rules, to be changed in place from now on. */
  own(chain: NfChain): NfRule[] {
    if (!this.owned.has(chain.rules)) {
      chain.rules = chain.rules.slice();
      this.owned.add(chain.rules);
    }
    return chain.rules;
  }

  /** A renamed chain is what the jumps to it name. */
  retarget(table: NfTable, from: string, to: string): void {
    const one = (s: NftStmt): NftStmt =>
      s.kind === 'verdict' && s.verdict.chain === from ? { ...s, verdict: { ...s.verdict, chain: to } } : s;
    for (const c of table.chains.values()) {
      const rules = this.own(c);
      rules.forEach((r, i) => {
        if (r.target?.chain === from) rules[i] = { ...r, target: { ...r.target, chain: to } };
        else if (r.nft?.some((s) => s.kind === 'verdict' && s.verdict.chain === from))
          rules[i] = { ...r, nft: r.nft.map(one), text: r.text?.replace(` ${from}`, ` ${to}`) as string };
      });
    }
    for (const s of table.sets?.values() ?? []) {
      s.elems = s.elems.map((e) =>
        e.data && !Array.isArray(e.data) && e.data.chain === from ? { ...e, data: { ...e.data, chain: to } } : e,
      );
    }
  }

  /** Puts the rules back. What was tried has used up its handles, as in the kernel. */
  restore(): void {
    for (const [key, table] of this.before.tables) {
      const used = this.ns.nf.tables.get(key)?.nextHandle;
      if (used !== undefined) table.nextHandle = used;
    }
    Object.assign(this.ns.nf, this.before);
  }
}
