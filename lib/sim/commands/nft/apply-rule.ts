/** Rules: where they go, what the kernel checks of them, and how iptables sees them. */
import type { NftElem, NftExpr, NftSet, NftSetRef, NftStmt } from '../../linux/netfilter/nft/types.ts';
import { TABLE_NAMES, takeHandle } from '../../linux/netfilter/tables.ts';
import type { Hook, NfChain, NfRule, NfTable } from '../../linux/netfilter/types.ts';
import type { Batch } from './batch.ts';
import type { Command } from './command.ts';
import { EvalContext } from './context.ts';
import { Aborted, NftError } from './cursor.ts';
import { type EvaluatedRule, evalRule, type Placed } from './eval-stmt.ts';
import { ruleTargets } from './graph.ts';
import type { Span } from './lexer.ts';
import { ENOENT, kernelError, missingChain, missingTable } from './missing.ts';
import { nftRuleText } from './print-stmt.ts';
import { styleOf } from './style.ts';
import { iptablesView } from './view.ts';

/** Where a rule stands in its chain. */
function place(cmd: Command, chain: NfChain): number {
  if (cmd.index !== undefined) {
    const span = { start: (cmd.indexSpan as Span).start - 6, end: (cmd.indexSpan as Span).end };
    if (cmd.index >= chain.rules.length) throw kernelError('No such file or directory', span);
    return cmd.index;
  }
  if (cmd.handle === undefined || (cmd.handle === 0 && (cmd.verb === 'add' || cmd.verb === 'insert'))) return -1;
  const at = chain.rules.findIndex((r) => r.handle === cmd.handle);
  if (at < 0) throw kernelError('No such file or directory', cmd.handleSpan ?? cmd.span);
  return at;
}

export function onRule(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  const chain = table?.chains.get(cmd.name);
  let rule: EvaluatedRule | null = null;
  if (cmd.rule) {
    try {
      rule = evalRule(cmd.rule, new EvalContext(batch.env, cmd.family, table));
    } catch (e) {
      if (!(e instanceof NftError) || !e.kernel) throw e;
      batch.toKernel(() => {
        throw e;
      });
      return;
    }
  }
  if (cmd.verb === 'replace' && rule?.stmts.some((p) => setsOf(p.stmt).some(isInterval)))
    throw new Aborted("BUG: unhandled op 2\nnft: evaluate.c:1589: interval_set_eval: Assertion `0' failed.\n");
  // Where a place is named nft looks into the chain itself (rule_cache_update).
  if (cmd.index !== undefined || (cmd.handle && (cmd.verb === 'add' || cmd.verb === 'insert'))) {
    if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
    if (!chain) throw missingChain(batch.ns, cmd.name, cmd.nameSpan, 'nft', cmd);
    if (cmd.index !== undefined) place(cmd, chain);
  }
  batch.toKernel(() => {
    if (!table) {
      const absent = (span: Span) => missingChain(batch.ns, cmd.name, span, 'kernel', cmd, true);
      // Each set in place is asked for first, and then its elements.
      for (const span of rule ? anonymousSpans(rule) : [])
        batch.answers.push(kernelError(ENOENT, cmd.tableSpan), kernelError(ENOENT, span));
      throw absent(cmd.tableSpan);
    }
    if (rule) anonymousSets(rule, table);
    if (!chain) throw missingChain(batch.ns, cmd.name, cmd.nameSpan, 'kernel', cmd);
    if (!rule && cmd.handle === 0) {
      // No handle at all: the kernel deletes what stands in the chain.
      batch.own(chain).length = 0;
      return;
    }
    const at = place(cmd, chain);
    if (!rule) {
      batch.own(chain).splice(at, 1);
      return;
    }
    const made = build(batch, cmd, table, chain, rule);
    const rules = batch.own(chain);
    if (cmd.verb === 'replace') {
      made.handle = (rules[at] as NfRule).handle;
      rules[at] = made;
    } else if (cmd.verb === 'insert') rules.splice(Math.max(at, 0), 0, made);
    else if (at >= 0) rules.splice(at + 1, 0, made);
    else rules.push(made);
    batch.echo({
      verb: cmd.verb === 'insert' ? 'insert' : cmd.verb === 'replace' ? 'replace' : 'add',
      object: 'rule',
      table,
      chain,
      rule: made,
    });
  });
}

/** Where the sets in place stand that a rule makes. */
function anonymousSpans(rule: EvaluatedRule): Span[] {
  const found: Span[] = [];
  const seek = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { k, span } = node as { k?: unknown; span?: Span };
    if (k === 'set' && span) found.push(span);
    for (const [key, inner] of Object.entries(node)) if (key !== 'span') seek(inner);
  };
  const spans = [...new Set(rule.stmts.map((p) => p.raw))].flatMap((raw) => {
    found.length = 0;
    seek(raw);
    const made = rule.stmts.filter((p) => p.raw === raw).flatMap((p) => setsOf(p.stmt).filter((s) => 'elems' in s));
    return found.slice(0, made.length);
  });
  return spans;
}

/** A set in place with intervals, which nft 1.0.6 cannot take in the place of another rule's. */
const isInterval = (set: NftSetRef): boolean => 'elems' in set && set.interval && set.types.length === 1;

/** Sets in place are made before the rule: each takes a handle. */
function anonymousSets(rule: EvaluatedRule, table: NfTable): void {
  for (const { stmt } of rule.stmts) for (const set of setsOf(stmt)) if ('elems' in set) takeHandle(table);
}

function exprSets(e: NftExpr | null): NftSetRef[] {
  if (!e) return [];
  if (e.kind === 'map') return [e.set, ...exprSets(e.key)];
  return e.kind === 'bin' ? exprSets(e.left) : [];
}

function setsOf(s: NftStmt): NftSetRef[] {
  switch (s.kind) {
    case 'lookup':
      return [s.set, ...exprSets(s.left)];
    case 'vmap':
      return [s.set];
    case 'nat':
      return [...exprSets(s.addr), ...exprSets(s.port)];
    case 'set':
      return exprSets(s.value);
    case 'objref':
      return typeof s.name === 'string' ? [] : exprSets(s.name);
    case 'dup':
    case 'fwd':
      return exprSets(s.to);
    default:
      return [];
  }
}

/** Chains a statement can go to, with the place to point at. */
function targets(p: Placed): [string, Span][] {
  const { stmt, raw } = p;
  if (stmt.kind === 'verdict' && stmt.verdict.chain !== undefined)
    return [[stmt.verdict.chain, raw.s === 'verdict' ? (raw.chainSpan ?? raw.span) : raw.span]];
  if (stmt.kind !== 'vmap' || !('elems' in stmt.set)) return [];
  const spans = new Map<string, Span>();
  if (raw.s === 'vmap' && raw.set.k === 'set')
    for (const e of raw.set.elems)
      if (e.data?.k === 'verdict' && e.data.verdict.chain) spans.set(e.data.verdict.chain, e.keySpan);
  return stmt.set.elems.flatMap((e: NftElem) =>
    e.data && !Array.isArray(e.data) && e.data.chain !== undefined
      ? [[e.data.chain, spans.get(e.data.chain) ?? raw.span] as [string, Span]]
      : [],
  );
}

function build(batch: Batch, cmd: Command, table: NfTable, chain: NfChain, rule: EvaluatedRule): NfRule {
  const whole = (errno: string) => batch.unsound(kernelError(errno, cmd.span));
  for (const p of rule.stmts) {
    const inMap = p.stmt.kind === 'vmap';
    for (const [name, span] of targets(p)) {
      const to = table.chains.get(name);
      if (!to && inMap) throw kernelError('No such file or directory', span);
      if (!to) throw missingChain(batch.ns, cmd.name, span, 'kernel', cmd, true);
      if (to.hook) throw kernelError('Operation not supported', span);
    }
    checkStmt(batch, cmd, table, chain, p);
  }
  const handle = takeHandle(table);
  const stmts = rule.stmts.map((p) => p.stmt);
  const graph = batch.graph(table);
  const jumps = ruleTargets(table, { nft: stmts, target: null });
  const bases = batch.validates(table) ? graph.bases(chain.name) : [];
  for (const base of bases) checkHook(cmd, base, stmts, whole);
  if (!graph.add(chain.name, jumps) && batch.validates(table)) throw whole('Too many links');
  // What the jumps lead to has to be allowed in these hooks, too (nft_chain_validate).
  if (bases.length > 0)
    for (const to of graph.below(jumps))
      for (const r of to.rules) if (r.nft) for (const base of bases) checkHook(cmd, base, r.nft, whole);
  const counter = stmts.find((s) => s.kind === 'counter');
  const made: NfRule = {
    handle,
    head: { src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 },
    matches: [],
    target: null,
    packets: counter?.packets ?? 0,
    bytes: counter?.bytes ?? 0,
    nft: stmts,
  };
  if (rule.comment !== undefined) made.comment = rule.comment;
  made.text = nftRuleText(made, {
    ...styleOf(batch.env),
    stateless: true,
    family: cmd.family,
    now: batch.env.world.now,
  });
  if (TABLE_NAMES.includes(cmd.table) && (cmd.family === 'ip' || cmd.family === 'ip6'))
    iptablesView(made, cmd.family, (index) => batch.ns.links.get(index)?.name ?? '');
  return made;
}

/** Expressions this kernel has no module for, or that make no sense in the family. */
function checkStmt(batch: Batch, cmd: Command, table: NfTable, chain: NfChain, { stmt, raw }: Placed): void {
  const { family } = cmd;
  const absent = (span: Span = raw.span) => missingChain(batch.ns, cmd.name, span, 'kernel', cmd, true);
  const left =
    'left' in stmt && stmt.left.kind === 'field' ? stmt.left.field.name : stmt.kind === 'set' ? stmt.target.name : '';
  const at: Span = raw.s === 'match' ? raw.left.span : raw.s === 'mangle' ? raw.span : raw.span;
  if (stmt.kind === 'queue') throw absent();
  if (stmt.kind === 'reject' && (family === 'bridge' || family === 'netdev')) throw absent();
  if (left.startsWith('fib ') && (family === 'bridge' || family === 'arp')) throw absent(at);
  if (left.startsWith('socket ') && (family === 'bridge' || family === 'arp' || family === 'netdev'))
    throw kernelError('Operation not supported', at);
  if (/^meta (?:ibr|obr)/.test(left)) throw kernelError('Operation not supported', at);
  if (left === 'meta nftrace' && stmt.kind !== 'set') throw kernelError('Operation not supported', at);
  if (stmt.kind === 'set' && left.startsWith('meta ') && !/^meta (?:mark|priority|nftrace|pkttype)$/.test(left))
    throw kernelError('Operation not supported', raw.span);
  if (stmt.kind === 'set' && (left === 'iif' || left === 'oif')) throw kernelError('Operation not supported', raw.span);
  if ((family === 'bridge' || family === 'arp' || family === 'netdev') && left.startsWith('ct '))
    throw kernelError('Protocol error', at);
  if (/^ct (?:ip6? )?[sd]addr$/.test(left)) throw kernelError('Invalid argument', at);
  if (stmt.kind === 'limit' && stmt.rate === 0) throw kernelError('Invalid argument', raw.span);
  if ('left' in stmt && (stmt.left.kind === 'numgen' || stmt.left.kind === 'hash') && stmt.left.mod === 0)
    throw kernelError('Numerical result out of range', at);
  if (stmt.kind === 'objref' && typeof stmt.name === 'string' && !table.objects?.has(`${stmt.object} ${stmt.name}`)) {
    const name = raw.s === 'objref' ? raw.name.span : raw.span;
    throw missingChain(batch.ns, cmd.name, name, 'kernel', cmd, true);
  }
  if (stmt.kind === 'flow' && !table.flowtables?.has(stmt.name)) {
    const span = raw.s === 'flow' ? raw.nameSpan : raw.span;
    throw kernelError('No such file or directory', span);
  }
  if (stmt.kind === 'dynset' && stmt.stmts.length && table.sets?.get(stmt.set)?.stmts.length)
    throw kernelError('Operation not supported', raw.span);
  if (stmt.kind === 'dynset' && stmt.meter) makeMeter(table, stmt);
  else if (stmt.kind === 'dynset') checkDynset(table.sets?.get(stmt.set), stmt.timeout, raw.span);
  void chain;
}

/**
 * Which sets rules may change: their backend must know how (net/netfilter/nft_dynset.c; the choice of backends is
 * nft_select_set_ops in nf_tables_api.c). A set without a limit gets one.
 */
function checkDynset(set: NftSet | undefined, timeout: number, span: Span): void {
  if (!set) return;
  if (set.constant) throw kernelError('Device or resource busy', span);
  const bitmap = set.bits.length === 1 && (set.bits[0] as number) <= 16 && set.data === null && !set.stmts.length;
  const fixed = !set.dynamic && !set.timed && (set.size > 0 || bitmap) && !set.grown;
  if (set.interval || fixed || (timeout && !set.timed)) throw kernelError('Operation not supported', span);
  if (set.size > 0) return;
  set.size = 65535;
  set.grown = true;
}

/** `meter NAME { … }` makes its set. */
function makeMeter(table: NfTable, s: Extract<NftStmt, { kind: 'dynset' }>): void {
  if (table.sets?.has(s.set)) return;
  const parts = s.key.kind === 'concat' ? s.key.parts : [s.key];
  const types = parts.map((p) => (p.kind === 'field' ? p.field : { type: 'integer', bits: 32 }));
  table.sets = new Map(table.sets ?? []);
  table.sets.set(s.set, {
    name: s.set,
    handle: takeHandle(table),
    types: types.map((t) => t.type),
    bits: types.map((t) => t.bits),
    data: null,
    interval: false,
    timed: s.timeout > 0,
    constant: false,
    dynamic: true,
    timeout: 0,
    gcInterval: 0,
    size: s.size ?? 65535,
    autoMerge: false,
    comment: '',
    stmts: [],
    elems: [],
    meter: true,
  });
}

const NAT_HOOKS: Readonly<Record<string, readonly Hook[]>> = {
  dnat: ['PREROUTING', 'OUTPUT'],
  redirect: ['PREROUTING', 'OUTPUT'],
  snat: ['POSTROUTING', 'INPUT'],
  masquerade: ['POSTROUTING'],
};

/** What a base chain's type and hook allow. */
function checkHook(cmd: Command, chain: NfChain, stmts: readonly NftStmt[], whole: (errno: string) => NftError): void {
  const hook = chain.hook as Hook;
  const nat = chain.type ? chain.type === 'nat' : cmd.table === 'nat';
  const bad = (): never => {
    throw whole('Operation not supported');
  };
  for (const s of stmts) {
    if (s.kind === 'nat' && (!nat || !NAT_HOOKS[s.what]?.includes(hook))) bad();
    if (s.kind === 'reject' && !['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING'].includes(hook)) bad();
    if (s.kind === 'tproxy' && hook !== 'PREROUTING') bad();
    if (s.kind === 'synproxy' && hook !== 'INPUT' && hook !== 'FORWARD') bad();
    if (s.kind === 'set' && s.target.name === 'meta pkttype' && hook !== 'PREROUTING') bad();
    if (
      s.kind === 'set' &&
      s.value.kind === 'field' &&
      s.value.field.name === 'rt mtu' &&
      !['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(hook)
    )
      bad();
    if (s.kind === 'flow' && hook !== 'FORWARD') bad();
    const name = 'left' in s && s.left.kind === 'field' ? s.left.field.name : '';
    if (name === 'rt mtu' && !['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(hook)) bad();
    if (name.startsWith('fib ')) {
      const early = ['PREROUTING', 'INPUT', 'FORWARD'];
      if (/ \. oif /.test(name) && !['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(hook)) bad();
      if (/ (?:oif|oifname)$/.test(name) && !early.includes(hook)) bad();
      if (/ \. iif .*type$/.test(name) && !early.includes(hook)) bad();
    }
    if (name.startsWith('socket ') && !['PREROUTING', 'INPUT', 'OUTPUT'].includes(hook)) bad();
    if (name.startsWith('osf ') && !['PREROUTING', 'INPUT', 'FORWARD'].includes(hook)) bad();
  }
}
