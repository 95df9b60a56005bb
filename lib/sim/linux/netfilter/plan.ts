/** Which chains a packet meets at a hook, in priority order; worked out once for each state of the rules. */
import { FRAMES, PLANS } from '../derived.ts';
import type { NetNs } from '../types.ts';
import { cacheOf } from './chain-cache.ts';
import { MATCHES } from './match/registry.ts';
import { nftEvaluator } from './nft/port.ts';
import { TARGETS } from './target/registry.ts';
import type { Hook, NfChain, NfRule, NfTable } from './types.ts';

export interface PlanChain {
  table: NfTable;
  chain: NfChain;
}

/** One step at a hook. */
export type PlanStep =
  | { kind: 'chain'; priority: number; at: PlanChain }
  | { kind: 'track'; priority: number }
  | { kind: 'nat'; priority: number; manip: 'SRC' | 'DST'; chains: PlanChain[] }
  | { kind: 'confirm'; priority: number }
  | { kind: 'ipvs'; priority: number; step: 'in' | 'out' | 'icmp' };

/** The plans of one generation of the rules, by family and hook. */
export interface PlanCache {
  generation: number;
  plans: (readonly PlanStep[] | undefined)[];
}

/** The same for chains of frames. */
export interface FrameCache {
  generation: number;
  plans: (readonly PlanChain[] | undefined)[];
}

const PLACE: Readonly<Record<Hook, number>> = {
  PREROUTING: 0,
  INPUT: 1,
  FORWARD: 2,
  OUTPUT: 3,
  POSTROUTING: 4,
  INGRESS: 5,
  EGRESS: 6,
};

/** Where IPVS hooks in: ip_vs_ops4 and ip_vs_ops6. */
const IPVS: Partial<Record<Hook, PlanStep[]>> = {
  INPUT: [
    { kind: 'ipvs', priority: 98, step: 'out' },
    { kind: 'ipvs', priority: 99, step: 'in' },
  ],
  OUTPUT: [
    { kind: 'ipvs', priority: -99, step: 'out' },
    { kind: 'ipvs', priority: -98, step: 'in' },
  ],
  FORWARD: [
    { kind: 'ipvs', priority: 99, step: 'icmp' },
    { kind: 'ipvs', priority: 100, step: 'out' },
  ],
};

const NAT_PRIORITY: Partial<Record<Hook, { priority: number; manip: 'SRC' | 'DST' }>> = {
  PREROUTING: { priority: -100, manip: 'DST' },
  OUTPUT: { priority: -100, manip: 'DST' },
  INPUT: { priority: 100, manip: 'SRC' },
  POSTROUTING: { priority: 100, manip: 'SRC' },
};

function tracks(rule: NfRule): boolean {
  if (rule.nft) return nftEvaluator().nftTracks(rule);
  for (const m of rule.matches) {
    const t = MATCHES.get(m.name)?.tracks;
    if (t === true || (typeof t === 'function' && t(m.args))) return true;
  }
  if (!rule.target) return false;
  const t = TARGETS.get(rule.target.name)?.tracks;
  return t === true || (typeof t === 'function' && t(rule.target.args));
}

/** Whether a rule of this family makes the kernel track connections. */
export function isTracking(ns: NetNs, family: 'ip' | 'ip6'): boolean {
  if (ns.ext.conntrackUsers) return true;
  for (const table of ns.nf.tables.values()) {
    if (table.family !== family && table.family !== 'inet') continue;
    for (const chain of table.chains.values()) {
      const cache = cacheOf(ns.nf, chain);
      if ((cache.tracking ??= chain.rules.some(tracks))) return true;
    }
  }
  return false;
}

function build(ns: NetNs, family: 'ip' | 'ip6', hook: Hook): PlanStep[] {
  const steps: PlanStep[] = [];
  const nat: PlanChain[] = [];
  let natActive = false;
  for (const table of ns.nf.tables.values()) {
    if ((table.family !== family && table.family !== 'inet') || table.dormant) continue;
    for (const chain of table.chains.values()) {
      if (!chain.hook) continue;
      const isNat = chain.type ? chain.type === 'nat' : table.name === 'nat';
      if (isNat) natActive = true;
      if (chain.hook !== hook) continue;
      if (isNat) nat.push({ table, chain });
      else steps.push({ kind: 'chain', priority: chain.priority, at: { table, chain } });
    }
  }
  nat.sort((a, b) => a.chain.priority - b.chain.priority);
  if (ns.ext.ipvsHooks) steps.push(...(IPVS[hook] ?? []));
  if (isTracking(ns, family)) {
    if (hook === 'PREROUTING' || hook === 'OUTPUT') steps.push({ kind: 'track', priority: -200 });
    if (hook === 'INPUT' || hook === 'POSTROUTING') steps.push({ kind: 'confirm', priority: 0x7fffffff });
    const at = NAT_PRIORITY[hook];
    if (natActive && at) steps.push({ kind: 'nat', ...at, chains: nat });
  }
  return steps.sort((a, b) => a.priority - b.priority);
}

/** The steps at a hook; empty when nothing is there. */
export function planOf(ns: NetNs, family: 'ip' | 'ip6', hook: Hook): readonly PlanStep[] {
  const { nf } = ns;
  const generation = nf.generation ?? 0;
  let known = nf[PLANS];
  if (known === undefined || known.generation !== generation) {
    known = { generation, plans: new Array(10).fill(undefined) };
    nf[PLANS] = known;
  }
  const place = (family === 'ip' ? 0 : 5) + PLACE[hook];
  return (known.plans[place] ??= build(ns, family, hook));
}

/** Families whose chains see whole frames. */
export type FrameFamily = 'netdev' | 'bridge' | 'arp';
const FRAME_PLACE: Readonly<Record<FrameFamily, number>> = { netdev: 0, bridge: 7, arp: 14 };
const NO_CHAINS: readonly PlanChain[] = [];

function buildFrames(ns: NetNs, family: FrameFamily, hook: Hook): readonly PlanChain[] {
  const chains: PlanChain[] = [];
  for (const table of ns.nf.tables.values()) {
    // An ingress chain of inet is one of netdev.
    const fits = table.family === family || (family === 'netdev' && table.family === 'inet');
    if (!fits || table.dormant) continue;
    for (const chain of table.chains.values()) if (chain.hook === hook) chains.push({ table, chain });
  }
  return chains.length ? chains.sort((a, b) => a.chain.priority - b.chain.priority) : NO_CHAINS;
}

/** The base chains of a family of frames at a hook. */
export function framePlanOf(ns: NetNs, family: FrameFamily, hook: Hook): readonly PlanChain[] {
  const { nf } = ns;
  if (nf.tables.size === 0) return NO_CHAINS;
  const generation = nf.generation ?? 0;
  let known = nf[FRAMES];
  if (known === undefined || known.generation !== generation) {
    known = { generation, plans: new Array(21).fill(undefined) };
    nf[FRAMES] = known;
  }
  return (known.plans[FRAME_PLACE[family] + PLACE[hook]] ??= buildFrames(ns, family, hook));
}
