/** A packet's way through the rules at one hook, in the kernel's priority order. */
import type { Ip } from '../../addr/ip.ts';
import { note, record, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, ipLength, type Packet } from '../../packet/packet.ts';
import { natIcmpError, natPacket, nullBinding } from '../conntrack/nat.ts';
import { entryOf } from '../conntrack/state.ts';
import { conntrackConfirm, conntrackIn } from '../conntrack/track.ts';
import { ipvsIn, ipvsOut } from '../ipvs/hook.ts';
import { relatedIn } from '../ipvs/icmp.ts';
import type { Link, NetNs } from '../types.ts';
import { candidates } from './chain-index.ts';
import type { HookState } from './ext.ts';
import { interfaceFits } from './head.ts';
import { hookLength } from './hook-length.ts';
import { MATCHES } from './match/registry.ts';
import { nftEvaluator } from './nft/port.ts';
import { type FrameFamily, framePlanOf, type PlanChain, type PlanStep, planOf } from './plan.ts';
import { ruleLine } from './print.ts';
import { TARGETS } from './target/registry.ts';
import type { Hook, NfChain, NfRule, NfTable, RuleHead } from './types.ts';

/** How deep jumps may nest; the kernel refuses deeper rule sets when they are loaded. */
const MAX_STACK = 16;

/**
 * Runs a packet through every table at a hook: raw, connection tracking, mangle, nat, filter, security. Changes the
 * packet in place (marks, NAT), counts, and notes each deciding rule in the trace. STOLEN (only at OUTPUT): IPVS has
 * sent it to a real server.
 */
export function runHook(
  world: World,
  ns: NetNs,
  family: 'ip' | 'ip6',
  hook: Hook,
  packet: Packet,
  indev: Link | null,
  outdev: Link | null,
): 'ACCEPT' | 'DROP' | 'STOLEN' {
  const plan = planOf(ns, family, hook);
  if (plan.length === 0) return 'ACCEPT';
  let state: HookState | null = null;
  for (const step of plan) {
    // What most packets meet at most hooks, without more ado.
    if (step.kind === 'confirm' && isConfirmed(ns, packet)) continue;
    if (step.kind === 'nat' && state === null && isUntranslated(ns, packet)) continue;
    state ??= {
      world,
      ns,
      family,
      hook,
      table: '',
      packet,
      in: indev,
      out: outdev,
      ct: entryOf(ns, packet),
    };
    const verdict = runStep(state, step);
    if (verdict === 'ACCEPT') continue;
    if (verdict === 'STOLEN') return verdict;
    // A connection whose first packet is dropped never comes to be.
    const entry = entryOf(ns, packet);
    if (entry && !entry.status.confirmed && packet.ct?.state !== 'RELATED') ns.ct.entries.delete(entry.id);
    return 'DROP';
  }
  return 'ACCEPT';
}

/**
 * Runs a frame through the chains of netdev, bridge or arp at a hook; those of netdev stand at one device each. False
 * when it is dropped. Source: nf_hook_slow(), nft_do_chain_netdev(), nft_do_chain_bridge(), nft_do_chain_arp().
 */
export function runFrameHook(
  world: World,
  ns: NetNs,
  frame: FrameFamily,
  hook: Hook,
  packet: Packet,
  indev: Link | null,
  outdev: Link | null,
): boolean {
  const plan = framePlanOf(ns, frame, hook);
  if (plan.length === 0) return true;
  const family = typeof packet.ip?.src === 'bigint' ? 'ip6' : 'ip';
  const at = (indev ?? outdev)?.name ?? '';
  const state: HookState = { world, ns, family, frame, hook, table: '', packet, in: indev, out: outdev, ct: null };
  for (const step of plan) {
    if (frame === 'netdev' && !step.chain.devices?.includes(at)) continue;
    if (runChain(state, step) === 'DROP') return false;
  }
  return true;
}

/** The connection is in the table already. */
function isConfirmed(ns: NetNs, packet: Packet): boolean {
  const { ct } = packet;
  if (!ct || ct.id === 0 || ct.state === 'RELATED') return true;
  const entry = ns.ct.entries.get(ct.id);
  return entry === undefined || entry.status.confirmed;
}

/** The packet belongs to a connection in the table that is not translated at all, and is no ICMP error about one. */
function isUntranslated(ns: NetNs, packet: Packet): boolean {
  const { ct } = packet;
  if (!ct || ct.id === 0 || ct.state === 'RELATED') return false;
  const status = ns.ct.entries.get(ct.id)?.status;
  return status?.confirmed === true && !status.srcNat && !status.dstNat;
}

function runStep(state: HookState, step: PlanStep): 'ACCEPT' | 'DROP' | 'STOLEN' {
  switch (step.kind) {
    case 'ipvs': {
      const { world, ns, packet } = state;
      const verdict =
        step.step === 'out'
          ? ipvsOut(world, ns, packet)
          : step.step === 'icmp'
            ? relatedIn(world, ns, packet, 'FORWARD')
            : ipvsIn(world, ns, packet, state.hook === 'OUTPUT' ? 'OUTPUT' : 'INPUT', state.in);
      state.ct = entryOf(ns, packet);
      return verdict;
    }
    case 'chain':
      return runChain(state, step.at);
    case 'track': {
      const verdict = conntrackIn(state.world, state.ns, state.packet);
      state.ct = entryOf(state.ns, state.packet);
      if (verdict === 'DROP') noteDrop(state, 'nf_conntrack: table full, dropping packet');
      return verdict;
    }
    case 'nat':
      return runNat(state, step.manip, step.chains);
    case 'confirm': {
      const verdict = conntrackConfirm(state.world, state.ns, state.packet);
      if (verdict === 'DROP') noteDrop(state, 'conntrack: the connection clashes with another');
      return verdict;
    }
  }
}

/** nf_nat_inet_fn(): rules for the first packet, what they decided for the others. */
function runNat(state: HookState, manip: 'SRC' | 'DST', chains: readonly PlanChain[]): 'ACCEPT' | 'DROP' {
  const { ct, packet } = state;
  if (!ct || !packet.ct) return 'ACCEPT';
  if (
    packet.ct.state === 'RELATED' &&
    packet.icmp &&
    (packet.ip?.proto === IPPROTO.icmp || packet.ip?.proto === IPPROTO.icmp6)
  ) {
    const verdict = natIcmpError(state, manip);
    if (verdict === 'DROP') noteDrop(state, 'nat: a redirect about a connection that may be translated');
    return verdict === 'DROP' ? 'DROP' : 'ACCEPT';
  }
  const done = manip === 'SRC' ? 'srcNatDone' : 'dstNatDone';
  if (packet.ct.state === 'NEW' && !ct.status[done] && !ct.status.confirmed) {
    for (const at of chains) {
      if (runChain(state, at) === 'DROP') return 'DROP';
      if (ct.status[done]) break;
    }
    if (!ct.status[done]) nullBinding(state, manip);
  }
  natPacket(state, manip);
  return 'ACCEPT';
}

function noteDrop(state: HookState, text: string): void {
  record(state.world, state.ns, state.packet, { kind: 'drop', reason: 'NETFILTER_DROP', text });
}

const masked = (ip: Ip, mask: Ip): Ip =>
  typeof ip === 'bigint' ? ip & (mask as bigint) : (ip & (mask as number)) >>> 0;

const addressFits = (a: NonNullable<RuleHead['src']>, ip: Ip): boolean =>
  typeof a.ip === typeof ip && (masked(ip, a.mask) === a.ip) !== a.not;

function headFits(head: RuleHead, state: HookState): boolean {
  const { ip } = state.packet;
  if (!ip) return false;
  if (head.src && !addressFits(head.src, ip.src)) return false;
  if (head.dst && !addressFits(head.dst, ip.dst)) return false;
  if (head.proto && (head.proto.number === ip.proto) === head.proto.not) return false;
  if (head.iif && interfaceFits(head.iif.name, state.in?.name ?? '') === head.iif.not) return false;
  if (head.oif && interfaceFits(head.oif.name, state.out?.name ?? '') === head.oif.not) return false;
  if (head.frag !== 0 && ip.offset > 0 !== head.frag > 0) return false;
  return true;
}

function ruleFits(rule: NfRule, state: HookState): boolean {
  if (!headFits(rule.head, state)) return false;
  for (const m of rule.matches) {
    const def = MATCHES.get(m.name);
    if (def && !def.apply(m.args, state)) return false;
  }
  return true;
}

type HookFamily = 'ip' | 'ip6' | FrameFamily;

const textOf = (chain: string, rule: NfRule, family: HookFamily): string =>
  rule.text === undefined ? ruleLine(chain, rule, family === 'ip6' ? 'ip6' : 'ip') : `${chain} ${rule.text}`;

/** A rule decided. What a rule says is fixed when it is made. */
const HOOK = stepKind(
  (family: HookFamily, table: string, chain: string, hook: Hook, index: number, rule: NfRule, verdict: string) => ({
    kind: 'hook',
    family,
    table,
    chain,
    hook,
    rule: index + 1,
    text: textOf(chain, rule, family),
    verdict,
  }),
);

function noteRule(
  state: HookState,
  table: NfTable,
  chain: NfChain,
  index: number,
  rule: NfRule,
  verdict: string,
): void {
  if (state.world.trace.off) return;
  const { world, ns, packet, family, frame, hook } = state;
  note(world, ns, packet, HOOK, frame ?? family, table.name, chain.name, hook, index, rule, verdict);
}

/** A place in a chain: which rules come into question, and the next of them. */
interface Frame {
  chain: NfChain;
  list: readonly number[] | null;
  next: number;
}

function enter(state: HookState, chain: NfChain): Frame {
  return { chain, list: candidates(state.ns.nf, chain, state.packet), next: 0 };
}

/** One base chain with all it jumps to. */
function runChain(state: HookState, { table, chain: base }: PlanChain): 'ACCEPT' | 'DROP' {
  state.table = table.name;
  const stack: Frame[] = [];
  let frame = enter(state, base);
  for (;;) {
    const at = frame.list ? frame.list[frame.next] : frame.next;
    const rule = at === undefined ? undefined : frame.chain.rules[at];
    if (at === undefined || !rule) {
      const back = stack.pop();
      if (!back) break;
      frame = back;
      continue;
    }
    frame.next++;
    if (rule.nft) {
      const outcome = nftEvaluator().evalRule(state, table, rule);
      if (outcome === 'break' || outcome.code === 'continue') continue;
      const { code } = outcome;
      noteRule(state, table, frame.chain, at, rule, code);
      if (code === 'jump' || code === 'goto') {
        const to = table.chains.get(outcome.chain ?? '');
        if (!to || stack.length >= MAX_STACK) continue;
        if (code === 'jump') stack.push(frame);
        frame = enter(state, to);
        continue;
      }
      if (code === 'return') {
        const back = stack.pop();
        if (!back) break;
        frame = back;
        continue;
      }
      if (code === 'accept') return 'ACCEPT';
      if (!state.world.trace.off) noteDrop(state, `${table.name} ${textOf(frame.chain.name, rule, state.family)}`);
      return 'DROP';
    }
    if (!ruleFits(rule, state)) continue;
    rule.packets++;
    rule.bytes += ipLength(state.packet);
    const { target } = rule;
    if (!target) continue;
    if (target.chain !== undefined) {
      const to = table.chains.get(target.chain);
      if (!to || stack.length >= MAX_STACK) continue;
      if (!state.world.trace.off) noteRule(state, table, frame.chain, at, rule, `${target.name} ${target.chain}`);
      if (target.name === 'jump') stack.push(frame);
      frame = enter(state, to);
      continue;
    }
    const verdict = TARGETS.get(target.name)?.apply(target.args, state) ?? 'CONTINUE';
    noteRule(state, table, frame.chain, at, rule, target.name);
    if (verdict === 'CONTINUE') continue;
    if (verdict === 'RETURN') {
      const back = stack.pop();
      if (!back) break;
      frame = back;
      continue;
    }
    if (verdict === 'DROP' && !state.world.trace.off) {
      noteDrop(state, `${table.name} ${ruleLine(frame.chain.name, rule, state.family)}`);
    }
    return verdict;
  }
  return policy(state, table, base);
}

function policy(state: HookState, table: NfTable, base: NfChain): 'ACCEPT' | 'DROP' {
  if (base.counting) {
    base.packets++;
    base.bytes += hookLength(state);
  }
  if (base.policy !== 'DROP') return 'ACCEPT';
  if (!state.world.trace.off) {
    record(state.world, state.ns, state.packet, {
      kind: 'hook',
      family: state.frame ?? state.family,
      table: table.name,
      chain: base.name,
      hook: state.hook,
      rule: 0,
      text: `-P ${base.name} DROP`,
      verdict: 'DROP',
    });
    noteDrop(state, `${table.name} -P ${base.name} DROP`);
  }
  return 'DROP';
}
