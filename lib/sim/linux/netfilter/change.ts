/** Carries out parsed iptables commands on a namespace, with the answers of libiptc and of nf_tables' batches. */
import { findRule, namesOf, rename, trim, zeroChain } from './chain-edit.ts';
import {
  BAD_RULE,
  type ChangeError,
  type ChangeTarget,
  LEGACY_ERRNO,
  NO_CHAIN,
  STRERROR,
  Stop,
} from './change-error.ts';
import { isForeign } from './compat.ts';
import type { Refusal } from './ext.ts';
import type { RuleSpec, XtCommand } from './parse.ts';
import { verboseRule } from './print.ts';
import { syncRules } from './sync.ts';
import {
  builtinChains,
  bump,
  createChain,
  createTable,
  ensureBuiltin,
  findTable,
  newRule,
  orderedChains,
  referenceCounts,
  takeHandle,
} from './tables.ts';
import type { NfChain, NfRule, NfTable, TargetSpec } from './types.ts';
import { Undo } from './undo.ts';
import { checkPlace, isReachKnown, validate } from './validate.ts';
import type { AppendStep, DeclareStep, RestoreStep } from './xt-command.ts';

export type { ChangeError, ChangeTarget };

/** Applies commands as one transaction: all of them, or none and the reason. `verbose` receives what -v prints. */
export function applyCommands(
  on: ChangeTarget,
  commands: readonly RestoreStep[],
  verbose: (text: string) => void = () => {},
): ChangeError | null {
  const run = new Change(on, verbose);
  try {
    for (const command of commands) {
      if (!('append' in command)) run.apply(command);
      else if (command.append) run.append(command);
      else run.declare(command);
    }
    run.finish();
    bump(on.ns);
  } catch (error) {
    run.undo.rollback();
    if (error instanceof Stop) return error.error;
    throw error;
  }
  syncRules(on.ns, run.recent);
  return null;
}

class Change {
  readonly undo: Undo;
  /** Whether a rule with the recent match was added. */
  recent = false;
  private readonly failed: { line: number; text: string }[] = [];
  /** Tables whose jumps changed: the new rules, and the command to blame when the whole no longer holds. */
  private readonly jumps = new Map<
    NfTable,
    { added: { chain: NfChain; rule: NfRule }[] | null; blamed: { line: number; op: string; chain: NfChain } }
  >();
  /** How often each chain is referred to, until a rule changes. */
  /** The chain of the last line that appended. */
  private last: { name: string; table: NfTable; chain: NfChain } | null = null;
  private counts: { table: NfTable; of: Map<string, number> } | null = null;

  constructor(
    private readonly on: ChangeTarget,
    private readonly verbose: (text: string) => void,
  ) {
    this.undo = new Undo(on.ns);
  }

  finish(): void {
    // nf_tables looks at the whole at the end of a batch in which nothing was refused.
    for (const [table, { added, blamed }] of this.failed.length > 0 ? [] : this.jumps) {
      const refusal = validate(this.on.ns.nf, table, added);
      if (refusal) this.refuse(blamed.op, refusal, `rule in chain ${blamed.chain.name}`, blamed.line);
    }
    if (this.failed.length > 0) throw new Stop({ kind: 'batch', errors: this.failed });
  }

  private refuse(what: string, refusal: string, tail: string, line: number): void {
    // The legacy front end asks the kernel for the whole table at once and knows only the errno.
    if (this.on.owner === 'iptables') this.stop(LEGACY_ERRNO[refusal] ?? NO_CHAIN, 0);
    this.failed.push({ line, text: `${what} failed (${STRERROR[refusal] ?? refusal}): ${tail}` });
  }

  private stop(message: string, line: number): never {
    throw new Stop({ kind: 'errno', message, line });
  }

  private table(c: { table: string }): NfTable | undefined {
    return findTable(this.on.ns, this.on.family, c.table, this.on.owner);
  }

  /** The chain a command names; built-in ones are made when `make` is set. */
  private chain(c: { table: string; chain: string | null }, make: boolean): NfChain | undefined {
    const name = c.chain ?? '';
    if (make) {
      const table = this.table(c);
      if (table && !table.chains.has(name) && builtinChains(c.table).some((b) => b === name)) this.undo.chains(table);
      const built = ensureBuiltin(this.on.ns, this.on.family, c.table, name, this.on.owner);
      if (built) return built;
    }
    return this.table(c)?.chains.get(name);
  }

  apply(c: XtCommand): void {
    this.last = null;
    const { ns } = this.on;
    switch (c.op) {
      case 'A':
      case 'I':
      case 'R':
      case 'D':
      case 'C':
        this.ruleCommand(c);
        break;
      case 'F':
        this.flush(c);
        break;
      case 'Z':
        this.zero(c);
        break;
      case 'N': {
        const table = createTable(ns, this.on.family, c.table, this.on.owner);
        const name = c.chain ?? '';
        if (table.chains.has(name) || builtinChains(c.table).some((b) => b === name))
          this.stop('Chain already exists', c.line);
        this.undo.made(table, createChain(ns, table, name, null));
        break;
      }
      case 'X':
        this.deleteChains(c);
        break;
      case 'E': {
        const table = this.table(c);
        const chain = table?.chains.get(c.chain ?? '');
        const nft = this.on.owner === 'nft';
        const taken = table?.chains.get(c.newName);
        const hidden = nft && taken !== undefined && isForeign(table as NfTable, taken);
        if ((taken && !hidden) || builtinChains(c.table).some((b) => b === c.newName)) this.stop('File exists', c.line);
        // nf_tables renames a base chain, too; iptables does not know it any more then.
        if (!table || !chain || (chain.hook && !nft)) this.stop(NO_CHAIN, c.line);
        if (hidden) this.refuse('CHAIN_RENAME', 'EEXIST', `chain ${c.newName}`, c.line);
        else {
          this.undo.chains(table);
          rename(table, chain, c.newName, (k) => this.undo.own(k));
        }
        break;
      }
      case 'P': {
        if (c.policy !== 'ACCEPT' && c.policy !== 'DROP') {
          this.stop("Bad policy name. Run `dmesg' for more information", c.line);
        }
        if (!builtinChains(c.table).some((b) => b === c.chain)) this.stop('Bad built-in chain name', c.line);
        const chain = this.chain(c, true) as NfChain;
        this.undo.own(chain);
        chain.policy = c.policy;
        // The request brings counters of its own, of nothing.
        if (this.on.owner === 'nft') chain.packets = chain.bytes = 0;
        chain.counting = true;
        break;
      }
      default:
        break;
    }
  }

  private ruleCommand(c: XtCommand): void {
    for (const spec of c.rules) this.checkJump(c, spec.target);
    const chain = this.chain(c, c.op === 'A' || c.op === 'I');
    if (c.op === 'D' && c.rules.length > 0 && c.rulenum > 0) {
      if (!chain) this.stop(NO_CHAIN, c.line);
      if (c.rulenum > chain.rules.length) this.stop('Index of deletion too big', c.line);
      this.counts = null;
      this.undo.remove(chain, c.rulenum - 1);
      return;
    }
    for (const spec of c.rules) {
      if (c.op === 'D' || c.op === 'C') {
        const at = chain ? findRule(chain, spec, this.on.family) : -1;
        if (!chain || at < 0) this.stop(BAD_RULE, c.line);
        if (c.op === 'D') {
          this.counts = null;
          this.undo.remove(chain, at);
        }
        this.show(c, spec);
        continue;
      }
      if (!chain) this.stop(NO_CHAIN, c.line);
      this.insert(c, chain, spec);
      this.show(c, spec);
    }
  }

  private checkJump(c: { table: string; line: number }, target: NfRule['target']): void {
    const jump = target?.chain;
    if (jump === undefined || this.table(c)?.chains.has(jump) || builtinChains(c.table).some((b) => b === jump)) return;
    const message =
      this.on.owner === 'nft'
        ? `Chain '${jump}' does not exist`
        : `Couldn't load target \`${jump}':No such file or directory\n`;
    throw new Stop({ kind: 'usage', message, line: c.line });
  }

  /** `-A CHAIN` of a restore file: the same as {@link ruleCommand} and {@link insert} do, for very many of them. */
  append(c: AppendStep): void {
    const { append: rule, line } = c;
    const name = this.on.table ?? '';
    const jump = rule.target?.chain;
    if (jump !== undefined) {
      const to = this.last?.table.chains.get(jump);
      if (!to) this.checkJump({ table: name, line }, rule.target);
      // The chain's own copy of the name: the other is a part of the file's text.
      else (rule.target as TargetSpec).chain = to.name;
    }
    if (this.last?.name !== c.chain) {
      const chain = this.chain({ table: name, chain: c.chain }, true);
      const table = this.table({ table: name });
      if (!chain || !table) this.stop(NO_CHAIN, line);
      this.counts = null;
      this.undo.own(chain);
      if (this.last) trim(this.last.chain);
      this.last = { name: c.chain, table, chain };
    }
    const { table, chain } = this.last;
    rule.handle = takeHandle(table);
    if (this.undo.isFresh(chain)) chain.rules.push(rule);
    else this.undo.insert(chain, chain.rules.length, rule);
    this.check(table, chain, rule, 'RULE_APPEND', line);
  }

  private show(c: XtCommand, spec: RuleSpec): void {
    if (c.verbose > 0) this.verbose(verboseRule({ ...spec, handle: 0, packets: 0, bytes: 0 }, this.on.family));
  }

  private insert(c: XtCommand, chain: NfChain, spec: RuleSpec): void {
    const table = this.table(c) as NfTable;
    const rule = newRule(table, spec, c.packets, c.bytes);
    if (!this.recent && rule.matches.some((m) => m.name === 'recent')) this.recent = true;
    this.counts = null;
    let what = 'RULE_APPEND';
    if (c.op === 'A') this.undo.insert(chain, chain.rules.length, rule);
    else if (c.op === 'I') {
      if (c.rulenum > chain.rules.length + 1) this.stop('Index of insertion too big', c.line);
      what = 'RULE_INSERT';
      if (c.rulenum > 1 && c.rulenum > chain.rules.length) what = 'RULE_APPEND';
      this.undo.insert(chain, c.rulenum - 1, rule);
    } else {
      if (c.rulenum > chain.rules.length) this.stop('Index of replacement too big', c.line);
      what = 'RULE_REPLACE';
      this.undo.remove(chain, c.rulenum - 1);
      this.undo.insert(chain, c.rulenum - 1, rule);
    }
    this.check(table, chain, rule, what, c.line);
  }

  private check(table: NfTable, chain: NfChain, rule: NfRule, op: string, line: number): void {
    const refusal: Refusal = checkPlace(table, chain, rule);
    if (refusal) this.refuse(op, refusal, `rule in chain ${chain.name}`, line);
    else if (rule.target?.chain !== undefined || !chain.hook) {
      let known = this.jumps.get(table);
      if (!known) {
        known = { added: isReachKnown(this.on.ns.nf, table) ? [] : null, blamed: { line, op, chain } };
        this.jumps.set(table, known);
      }
      known.blamed.line = line;
      known.blamed.op = op;
      known.blamed.chain = chain;
      known.added?.push({ chain, rule });
    }
  }

  /** How many rules and elements refer to a chain now. */
  private references(table: NfTable, chain: string): number {
    if (this.counts?.table !== table) this.counts = { table, of: referenceCounts(table) };
    return this.counts.of.get(chain) ?? 0;
  }

  /** A `:CHAIN POLICY [n:n]` line: sets a policy, or makes or empties a user chain. */
  declare({ chain: name, policy, packets, bytes, line }: DeclareStep): void {
    this.last = null;
    const c = { table: this.on.table ?? '', chain: name };
    if (builtinChains(c.table).some((b) => b === name)) {
      const chain = policy === '-' && this.on.owner === 'iptables' ? undefined : this.chain(c, true);
      // Without a policy the line still sets the counters it brings.
      if (!chain || (policy === '-' && !packets && !bytes)) return;
      if (!['ACCEPT', 'DROP', '-'].includes(policy)) this.stop('Bad policy name', line);
      this.undo.own(chain);
      if (policy !== '-') chain.policy = policy as 'ACCEPT' | 'DROP';
      Object.assign(chain, { packets, bytes, counting: true });
      return;
    }
    const table = createTable(this.on.ns, this.on.family, c.table, this.on.owner);
    const chain = table.chains.get(name);
    if (chain) this.empty(chain);
    else this.undo.made(table, createChain(this.on.ns, table, name, null));
  }

  private flush(c: XtCommand): void {
    const table = this.table(c);
    if (c.chain !== null) {
      const chain = this.chain(c, true);
      if (!chain) this.stop(NO_CHAIN, c.line);
      if (c.verbose) this.verbose(`Flushing chain \`${chain.name}'\n`);
      this.empty(chain);
      return;
    }
    if (c.verbose) for (const name of namesOf(c.table, table)) this.verbose(`Flushing chain \`${name}'\n`);
    // Without -v one message empties the whole table.
    for (const chain of c.verbose ? this.visible(table) : (table?.chains.values() ?? [])) this.empty(chain);
  }

  private empty(chain: NfChain): void {
    this.counts = null;
    this.undo.empty(chain);
  }

  private zero(c: XtCommand): void {
    const table = this.table(c);
    if (c.chain !== null) {
      const chain = this.chain(c, false);
      if (!chain) this.stop(c.rulenum > 0 ? this.noCounter(c) : NO_CHAIN, c.line);
      if (c.rulenum > 0) {
        const rule = chain.rules[c.rulenum - 1];
        if (!rule && this.on.owner === 'iptables') this.stop('Index of counter too big', c.line);
        if (rule) rule.packets = rule.bytes = 0;
        return;
      }
      if (c.verbose) this.verbose(`Zeroing chain \`${chain.name}'\n`);
      this.undo.own(chain);
      zeroChain(chain);
      return;
    }
    if (c.verbose) for (const { name } of table ? orderedChains(table) : []) this.verbose(`Zeroing chain \`${name}'\n`);
    for (const chain of this.visible(table)) {
      this.undo.own(chain);
      zeroChain(chain);
    }
  }

  /** The chains that iptables sees: none of nft's own base chains. */
  private visible(table: NfTable | undefined): NfChain[] {
    return table ? [...table.chains.values()].filter((k) => !isForeign(table, k)) : [];
  }

  /** What iptables-nft says of a rule's counters in a chain that is not there. */
  private noCounter(c: XtCommand): string {
    return builtinChains(c.table).some((b) => b === c.chain) ? BAD_RULE : 'Incompatible with this kernel';
  }

  private deleteChain(c: XtCommand, table: NfTable, chain: NfChain): void {
    const used = this.references(table, chain.name) > 0;
    if (this.on.owner === 'iptables') {
      if (chain.hook) this.stop(LEGACY_ERRNO.EINVAL as string, c.line);
      if (used) this.stop('Too many links', c.line);
      if (chain.rules.length > 0) this.stop('Directory not empty', c.line);
    } else if (used || chain.rules.length > 0) {
      this.refuse('CHAIN_DEL', 'EBUSY', `chain ${chain.name}`, c.line);
      return;
    }
    this.undo.chains(table);
    table.chains.delete(chain.name);
  }

  private deleteChains(c: XtCommand): void {
    const table = this.table(c);
    if (c.chain !== null) {
      const chain = table?.chains.get(c.chain);
      if (!table || !chain) this.stop(NO_CHAIN, c.line);
      if (c.verbose) this.verbose(`Deleting chain \`${chain.name}'\n`);
      this.deleteChain(c, table, chain);
      return;
    }
    if (!table) return;
    for (const chain of this.visible(table)) {
      if (chain.hook) {
        if (this.on.owner === 'nft' && chain.policy === 'ACCEPT' && chain.rules.length === 0) {
          this.undo.chains(table);
          table.chains.delete(chain.name);
        }
        continue;
      }
      if (c.verbose) this.verbose(`Deleting chain \`${chain.name}'\n`);
      this.deleteChain(c, table, chain);
    }
  }
}
