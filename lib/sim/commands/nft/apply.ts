/** Carries out nft's commands on a namespace: all or nothing, with the kernel's answers. */
import type { World } from '../../kernel/world.ts';
import type { NftElem, NftSet } from '../../linux/netfilter/nft/types.ts';
import { syncRules } from '../../linux/netfilter/sync.ts';
import {
  createChain,
  createTable,
  references,
  TABLE_NAMES,
  tableKey,
  takeHandle,
  touch,
} from '../../linux/netfilter/tables.ts';
import type { NfChain, NfRule, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { type PlacedElem, sortElems } from './expr.ts';
import { type Command, readElements } from './grammar.ts';
import type { Span } from './lexer.ts';
import { type Cursor, NftError, Unmodelled } from './parser.ts';
import type { ParsedRule } from './rule.ts';
import { nftRuleText } from './show.ts';
import { iptablesView } from './view.ts';

const ENOENT = 'No such file or directory';
const kernel = (errno: string, span: Span): NftError => new NftError(`Could not process rule: ${errno}`, span);

/** Levenshtein's distance, for names of at most 64 characters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What is not there. nft then asks "did you mean …" of names that are near: which it picks is not modelled. */
function missing(name: string, others: readonly string[], span: Span): NftError {
  const near = (o: string) => distance(name.slice(0, 64), o.slice(0, 64)) <= Math.max(3, name.length / 2);
  if (others.some(near)) throw new Unmodelled(`nft: '${name}' is not there, and what it suggests instead`);
  return new NftError(ENOENT, span);
}

interface Saved {
  tables: Map<string, NfTable>;
  nextHandle: number;
}

/** A copy of the rules that keeps its own tables, chains and elements. */
function save(ns: NetNs): Saved {
  const tables = new Map<string, NfTable>();
  for (const [key, t] of ns.nf.tables) {
    const chains = new Map([...t.chains].map(([name, c]) => [name, { ...c, rules: c.rules.slice() }]));
    const sets = t.sets && new Map([...t.sets].map(([name, s]) => [name, { ...s, elems: s.elems.slice() }]));
    tables.set(key, { ...t, chains, ...(sets ? { sets } : {}) });
  }
  return { tables, nextHandle: ns.nf.nextHandle };
}

export class Transaction {
  constructor(
    private readonly world: World,
    private readonly ns: NetNs,
    private readonly cursor: Cursor,
  ) {}

  /** Carries out all of the commands; null, or the first error with nothing changed. `check` changes nothing at all. */
  run(commands: readonly Command[], check: boolean): NftError | null {
    const before = save(this.ns);
    let error: NftError | null = null;
    let keep = false;
    try {
      for (const cmd of commands) {
        if (cmd.error) throw cmd.error;
        this.one(cmd);
      }
      keep = !check;
    } catch (e) {
      if (!(e instanceof NftError)) throw e;
      error = e;
    } finally {
      if (!keep) this.restore(before);
      touch(this.ns);
      syncRules(this.ns);
    }
    return error;
  }

  /** Puts the rules back. What was tried has used up its handles, as in the kernel. */
  private restore(before: Saved): void {
    for (const [key, table] of before.tables) {
      const used = this.ns.nf.tables.get(key)?.nextHandle;
      if (used !== undefined) table.nextHandle = used;
    }
    Object.assign(this.ns.nf, before);
  }

  private table(cmd: Command, fromKernel: boolean): NfTable {
    const t = this.ns.nf.tables.get(tableKey(cmd.family, cmd.table));
    if (t) return t;
    if (fromKernel) throw kernel(ENOENT, cmd.tableSpan);
    throw missing(
      cmd.table,
      [...this.ns.nf.tables.values()].map((o) => o.name),
      cmd.tableSpan,
    );
  }

  private one(cmd: Command): void {
    const removes = cmd.verb === 'delete';
    if (cmd.object === 'ruleset') {
      this.flushRuleset(cmd);
      return;
    }
    if (cmd.object === 'table') {
      this.onTable(cmd);
      return;
    }
    if (cmd.object === 'element') {
      this.onElement(cmd);
      return;
    }
    const table = this.table(cmd, cmd.object !== 'chain' || cmd.verb !== 'add');
    if (cmd.object === 'rule') {
      this.onRule(cmd, table);
      return;
    }
    if (cmd.object === 'chain') {
      if (removes || cmd.verb === 'flush') this.lessChain(cmd, table);
      else this.addChain(cmd, table);
      return;
    }
    if (cmd.object === 'set' || cmd.object === 'map') {
      this.onSet(cmd, table);
      return;
    }
    throw new Unmodelled(`nft ${cmd.verb} ${cmd.object}`);
  }

  private flushRuleset(cmd: Command): void {
    for (const [key, t] of this.ns.nf.tables)
      if (t.owner === 'nft' && (!cmd.familyGiven || t.family === cmd.family)) this.ns.nf.tables.delete(key);
  }

  private onTable(cmd: Command): void {
    const key = tableKey(cmd.family, cmd.table);
    const old = this.ns.nf.tables.get(key);
    if (cmd.verb === 'add' || cmd.verb === 'create') {
      if (old && cmd.verb === 'create') throw kernel('File exists', cmd.tableSpan);
      const t = old ?? createTable(this.ns, cmd.family, cmd.table);
      if (!old && cmd.comment) t.comment = cmd.comment;
      return;
    }
    if (!old) throw kernel(ENOENT, cmd.tableSpan);
    if (cmd.verb === 'flush') for (const c of old.chains.values()) c.rules = [];
    else this.ns.nf.tables.delete(key);
  }

  private addChain(cmd: Command, table: NfTable): void {
    const spec = cmd.chain;
    let chain = table.chains.get(cmd.name);
    if (chain && cmd.verb === 'create') throw kernel('File exists', cmd.nameSpan);
    if (!chain) {
      const base = spec?.base ?? null;
      if (base?.type === 'nat' && base.hook === 'FORWARD')
        throw kernel('Operation not supported', { start: cmd.span.start, end: cmd.span.end + 1 });
      if (base?.type === 'route' && base.hook !== 'OUTPUT')
        throw kernel('Operation not supported', { start: cmd.span.start, end: cmd.span.end + 1 });
      if (base?.type === 'route') throw new Unmodelled('nft: chains of type route');
      chain = createChain(this.ns, table, cmd.name, base);
      if (base) chain.type = base.type;
      if (spec?.comment) chain.comment = spec.comment;
    } else if (spec?.base && (chain.hook !== spec.base.hook || chain.priority !== spec.base.priority))
      throw new Unmodelled('nft: an existing chain with another hook');
    if (spec?.policy && chain.hook) chain.policy = spec.policy;
    for (const rule of spec?.rules ?? []) chain.rules.push(this.rule(cmd, table, chain, rule));
  }

  private lessChain(cmd: Command, table: NfTable): void {
    const chain = table.chains.get(cmd.name);
    if (!chain) throw kernel(ENOENT, cmd.nameSpan);
    if (cmd.verb === 'flush') {
      chain.rules = [];
      return;
    }
    if (references(table, cmd.name) > 0) throw kernel('Device or resource busy', cmd.nameSpan);
    if (chain.rules.length > 0) throw kernel('Device or resource busy', cmd.nameSpan);
    table.chains.delete(cmd.name);
  }

  private rule(cmd: Command, table: NfTable, chain: NfChain, parsed: ParsedRule): NfRule {
    for (const [name, span] of parsed.sets)
      if (!table.sets?.has(name)) throw missing(name, [...(table.sets?.keys() ?? [])], span);
    this.checkMaps(parsed, table);
    const anonymous = parsed.stmts.filter(
      (s) => ('set' in s && 'elems' in s.set) || (s.kind === 'nat' && s.addr?.kind === 'map' && 'elems' in s.addr.set),
    );
    for (const _ of anonymous) takeHandle(table);
    const handle = takeHandle(table);
    for (const [name, span] of parsed.jumps) {
      const to = table.chains.get(name);
      if (!to) throw kernel(ENOENT, span);
      if (to.hook) throw kernel('Operation not supported', span);
    }
    const options = { ns: this.ns, now: this.world.now, family: cmd.family, numeric: false, stateless: true };
    const rule: NfRule = {
      handle,
      head: { src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 },
      matches: [],
      target: null,
      packets: 0,
      bytes: 0,
      nft: parsed.stmts,
    };
    if (parsed.comment !== undefined) rule.comment = parsed.comment;
    rule.text = nftRuleText(rule, options);
    if (
      TABLE_NAMES.includes(cmd.table) &&
      (cmd.family === 'ip' || cmd.family === 'ip6') &&
      chain.name === chain.name.toUpperCase()
    ) {
      if (!iptablesView(rule)) throw new Unmodelled(`nft: '${rule.text}' in a table of iptables`);
    }
    if (chain.hook && chain.type !== 'nat' && cmd.table !== 'nat' && parsed.stmts.some((s) => s.kind === 'nat')) {
      throw kernel('Operation not supported', { start: cmd.span.start, end: cmd.span.end + 1 });
    }
    if (this.loops(table, chain, parsed)) throw kernel('Too many links', [...parsed.jumps.values()][0] ?? parsed.span);
    return rule;
  }

  /** A named set stands where a set may, and a map where a map may, with keys of the right types. */
  private checkMaps(parsed: ParsedRule, table: NfTable): void {
    for (const s of parsed.stmts) {
      const ref = 'set' in s ? s.set : s.kind === 'nat' && s.addr?.kind === 'map' ? s.addr.set : null;
      if (!ref || !('name' in ref)) continue;
      const set = table.sets?.get(ref.name);
      const fits =
        s.kind === 'lookup'
          ? !set?.data
          : s.kind === 'vmap'
            ? set?.data?.[0] === 'verdict'
            : set?.data && set.data[0] !== 'verdict';
      if (!fits) throw new Unmodelled(`nft: the set ${ref.name} is of another kind`);
    }
  }

  private loops(table: NfTable, chain: NfChain, parsed: ParsedRule): boolean {
    const seen = new Set<string>();
    const reach = (name: string): boolean => {
      if (name === chain.name) return true;
      if (seen.has(name)) return false;
      seen.add(name);
      return (table.chains.get(name)?.rules ?? []).some((r) =>
        (r.nft ?? []).some((s) => s.kind === 'verdict' && s.verdict.chain !== undefined && reach(s.verdict.chain)),
      );
    };
    return [...parsed.jumps.keys()].some(reach);
  }

  private onRule(cmd: Command, table: NfTable): void {
    const chain = table.chains.get(cmd.name);
    if (!chain) throw kernel(ENOENT, cmd.nameSpan);
    const at = cmd.handle === undefined ? -1 : chain.rules.findIndex((r) => r.handle === cmd.handle);
    if (cmd.handle !== undefined && at < 0) throw kernel(ENOENT, cmd.handleSpan ?? cmd.span);
    if (!cmd.rule) chain.rules.splice(at, 1);
    else {
      const rule = this.rule(cmd, table, chain, cmd.rule);
      if (cmd.verb === 'replace') chain.rules[at] = rule;
      else if (cmd.verb === 'insert') chain.rules.splice(Math.max(at, 0), 0, rule);
      else if (at >= 0) chain.rules.splice(at + 1, 0, rule);
      else chain.rules.push(rule);
    }
  }

  private onSet(cmd: Command, table: NfTable): void {
    const old = table.sets?.get(cmd.name);
    if (cmd.verb === 'add' || cmd.verb === 'create') {
      if (old && cmd.verb === 'create') throw kernel('File exists', cmd.nameSpan);
      if (!cmd.set) throw new Unmodelled('nft: a set without a definition');
      if (!old) {
        table.sets ??= new Map();
        table.sets.set(cmd.name, { ...cmd.set, name: cmd.name, handle: takeHandle(table), elems: [] });
      }
      const set = table.sets?.get(cmd.name) as NftSet;
      if (cmd.elemsAt !== undefined) this.addElems(table, set, readElements(this.cursor, cmd, set, false), cmd.verb);
      return;
    }
    if (!old) throw cmd.verb === 'flush' ? new NftError(ENOENT, cmd.nameSpan) : kernel(ENOENT, cmd.nameSpan);
    if (cmd.verb === 'flush') {
      old.elems = [];
      return;
    }
    const used = [...table.chains.values()].some((c) =>
      c.rules.some((r) => JSON.stringify(r.nft ?? [], plain).includes(`{"name":"${cmd.name}"}`)),
    );
    if (used) throw kernel('Device or resource busy', cmd.nameSpan);
    table.sets?.delete(cmd.name);
  }

  private onElement(cmd: Command): void {
    const table = this.table(cmd, false);
    const set = table.sets?.get(cmd.name);
    if (!set) throw missing(cmd.name, [...(table.sets?.keys() ?? [])], cmd.nameSpan);
    const removes = cmd.verb === 'delete';
    const elems = readElements(this.cursor, cmd, set, removes);
    if (!removes) {
      this.addElems(table, set, elems, cmd.verb);
      return;
    }
    for (const e of elems) {
      const at = set.elems.findIndex((x) => sameKey(x, e));
      if (at < 0) {
        throw kernel(ENOENT, e.span);
      }
      set.elems.splice(at, 1);
    }
  }

  private addElems(table: NfTable, set: NftSet, elems: PlacedElem[], verb: string): void {
    const now = this.world.now;
    for (const { span, ...e } of elems) {
      if (!set.interval && e.key.some((r) => r.lo !== r.hi))
        throw new NftError(
          "You must add 'flags interval' to your set declaration if you want to add prefix elements",
          span,
        );
      const chain = e.data && !Array.isArray(e.data) ? e.data.chain : undefined;
      if (chain !== undefined && !table.chains.has(chain)) throw kernel(ENOENT, span);
      const same = set.elems.find((x) => sameKey(x, e) && (x.expires === undefined || x.expires > now));
      if (same) {
        if (verb === 'create' || JSON.stringify(same.data, plain) !== JSON.stringify(e.data, plain))
          throw kernel('File exists', span);
        continue;
      }
      if (set.interval && set.elems.some((x) => overlaps(x, e)))
        throw new NftError('interval overlaps with an existing one', span);
      if (set.size && set.elems.length >= set.size) throw new Unmodelled('nft: a set that is full');
      const timeout = e.timeout ?? (set.timeout || undefined);
      if (e.timeout !== undefined && !set.timed) throw new Unmodelled('nft: a timeout in a set without that flag');
      set.elems.push(timeout === undefined ? e : { ...e, expires: now + timeout * 1_000_000 });
    }
    set.elems = sortElems(set.elems);
  }
}

const plain = (_key: string, v: unknown): unknown => (typeof v === 'bigint' ? `${v}n` : v);

/** Whether two elements have the same key. */
export const sameKey = (a: NftElem, b: NftElem): boolean =>
  a.key.every((r, i) => r.lo === b.key[i]?.lo && r.hi === b.key[i]?.hi);

const overlaps = (a: NftElem, b: NftElem): boolean =>
  a.key.every((r, i) => {
    const other = b.key[i];
    return other !== undefined && r.lo <= other.hi && other.lo <= r.hi;
  });
