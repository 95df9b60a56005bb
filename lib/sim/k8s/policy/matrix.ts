/**
 * Who reaches whom, all pairs at once: each policy is a set of subjects and sets of peers, each endpoint's row the union of what its policies
 * give. O(Σ subjects × endpoints / 32); a changed policy costs its own subjects' rows only. Recipe: label bitsets after Kano (Li et al.,
 * INFOCOM 2020) with the tiers of kubernetes-sigs/network-policy-api.
 */
import { andInto, andNotInto, type Bits, eachBit, hasBit, orInto, rowOf, setBit, transposed } from './bits.ts';
import { policyOrder } from './compile.ts';
import {
  type Action,
  DIRECTIONS,
  type Direction,
  type FlowPort,
  type Policy,
  type PolicySet,
  type Rule,
} from './contract.ts';
import { failsClosed } from './judge.ts';
import { type EndpointSets, endpointSets } from './sets.ts';

/** A rule as sets. */
interface Grant {
  action: Action;
  peers: Bits;
  /** Subjects that the rule is for; null: all of the policy's. */
  only: Bits | null;
}

interface Entry {
  policy: Policy;
  subjects: Bits;
  grants: Record<Direction, Grant[] | null>;
}

export interface PairMatrix {
  readonly set: PolicySet;
  readonly flow: FlowPort;
  readonly sets: EndpointSets;
  /** The policies of each endpoint, in the order in which they are looked at. */
  readonly entries: Entry[][];
  readonly byPolicy: Map<string, Entry>;
  /** Ingress: row = destination, bit = source that may come in. Egress: row = source, bit = destination. */
  readonly sides: Record<Direction, Bits>;
  /** Row = source, bit = destination that is reached. */
  readonly allowed: Bits;
}

const both = (a: Bits, b: Bits): Bits => {
  const bits = a.slice();
  andInto(bits, b);
  return bits;
};

function grantOf(sets: EndpointSets, rule: Rule, direction: Direction, flow: FlowPort): Grant {
  if (failsClosed(rule)) return { action: 'Deny', peers: sets.all, only: null };
  const ports = sets.ports(rule.ports, flow);
  const peers = new Uint32Array(sets.words);
  sets.addPeers(peers, rule.peers);
  // Ports are the destination's: the subject's own when it receives, the peer's when it sends.
  if (direction === 'Egress') andInto(peers, ports);
  return { action: rule.action, peers, only: direction === 'Egress' || ports === sets.all ? null : ports };
}

/** Rules of a NetworkPolicy only add up: those that are for all subjects become one. */
function addedUp(sets: EndpointSets, rules: readonly Rule[], direction: Direction, flow: FlowPort): Grant[] {
  const sum: Grant = { action: 'Accept', peers: new Uint32Array(sets.words), only: null };
  const grants = [sum];
  for (const rule of rules) {
    const ports = sets.ports(rule.ports, flow);
    if (ports === sets.all) sets.addPeers(sum.peers, rule.peers);
    else if (ports.some((word) => word !== 0)) {
      const grant = grantOf(sets, rule, direction, flow);
      if (grant.only === null) orInto(sum.peers, grant.peers);
      else grants.push(grant);
    }
  }
  return grants;
}

function entryOf(sets: EndpointSets, policy: Policy, flow: FlowPort): Entry {
  const grants = (direction: Direction): Grant[] | null => {
    const rules = policy.rules[direction];
    if (rules === null) return null;
    return policy.tier === 'NetworkPolicy'
      ? addedUp(sets, rules, direction, flow)
      : rules.map((rule) => grantOf(sets, rule, direction, flow));
  };
  const subjects = new Uint32Array(sets.words);
  sets.addPods(subjects, policy.subject);
  return { policy, subjects, grants: { Ingress: grants('Ingress'), Egress: grants('Egress') } };
}

function grantsOf(entries: readonly Entry[], tier: Policy['tier'], direction: Direction): Grant[] | null {
  let found: Grant[] | null = null;
  for (const { policy, grants } of entries)
    if (policy.tier === tier && grants[direction] !== null) found = [...(found ?? []), ...grants[direction]];
  return found;
}

/** Lets an ordered tier decide: what it accepts goes to `row`, what it accepts or denies leaves `open`. */
function decide(grants: readonly Grant[], i: number, row: Bits, open: Bits): void {
  const passed = new Uint32Array(open.length);
  for (const { action, peers, only } of grants) {
    if (only !== null && !hasBit(only, i)) continue;
    const now = both(peers, open);
    if (action === 'Accept') orInto(row, now);
    if (action === 'Pass') orInto(passed, now);
    andNotInto(open, now);
  }
  orInto(open, passed);
}

/** Writes one endpoint's row of one direction. */
function fillRow({ set, sets, entries }: PairMatrix, direction: Direction, i: number, row: Bits): void {
  const mine = entries[i] as Entry[];
  row.fill(0);
  if (!hasBit(sets.selectable, i)) {
    row.set(sets.all);
    return;
  }
  const admin = grantsOf(mine, 'Admin', direction);
  const open = admin ? sets.all.slice() : sets.all;
  if (admin) decide(admin, i, row, open);
  let isolated = false;
  const added = admin ? new Uint32Array(row.length) : row;
  for (const { policy, grants } of mine) {
    if (policy.tier !== 'NetworkPolicy' || grants[direction] === null) continue;
    isolated = true;
    for (const { peers, only } of grants[direction]) if (only === null || hasBit(only, i)) orInto(added, peers);
  }
  if (isolated && admin) orInto(row, both(added, open));
  if (!isolated) {
    const baseline = grantsOf(mine, 'Baseline', direction);
    const left = baseline ? open.slice() : open;
    if (baseline) decide(baseline, i, row, left);
    orInto(row, left);
  }
  const hosts = sets.hosts.get(set.endpoints[i]?.node ?? '');
  if (hosts && (direction === 'Ingress' || set.semantics.ownNodeAlwaysReached)) orInto(row, hosts);
  setBit(row, i);
}

/** Judges every pair of the set's endpoints for one port. */
export function pairMatrix(set: PolicySet, flow: FlowPort): PairMatrix {
  const sets = endpointSets(set);
  const n = set.endpoints.length;
  const entries: Entry[][] = Array.from({ length: n }, () => []);
  const byPolicy = new Map<string, Entry>();
  for (const policy of set.policies) {
    const entry = entryOf(sets, policy, flow);
    byPolicy.set(`${policy.kind} ${policy.id}`, entry);
    eachBit(entry.subjects, (i) => (entries[i] as Entry[]).push(entry));
  }
  const sides = { Ingress: new Uint32Array(n * sets.words), Egress: new Uint32Array(n * sets.words) };
  const matrix: PairMatrix = { set, flow, sets, entries, byPolicy, sides, allowed: sides.Egress };
  for (const direction of DIRECTIONS)
    for (let i = 0; i < n; i++) fillRow(matrix, direction, i, rowOf(sides[direction], i, sets.words));
  const allowed = transposed(sides.Ingress, n);
  andInto(allowed, sides.Egress);
  return { ...matrix, allowed };
}

export const reaches = ({ allowed, sets: { words } }: PairMatrix, from: number, to: number): boolean =>
  hasBit(rowOf(allowed, from, words), to);

/** Writes one row anew and flips what follows from it. */
function refresh(matrix: PairMatrix, direction: Direction, i: number): void {
  const { sides, allowed, sets } = matrix;
  const { words } = sets;
  const row = rowOf(sides[direction], i, words);
  const before = row.slice();
  fillRow(matrix, direction, i, row);
  for (let w = 0; w < words; w++) before[w] = (before[w] as number) ^ (row[w] as number);
  const other = sides[direction === 'Ingress' ? 'Egress' : 'Ingress'];
  eachBit(before, (j) => {
    const [from, to] = direction === 'Ingress' ? [j, i] : [i, j];
    const at = from * words + (to >>> 5);
    const bit = 1 << (to & 31);
    const passes = hasBit(row, j) && hasBit(rowOf(other, j, words), i);
    allowed[at] = passes ? (allowed[at] as number) | bit : (allowed[at] as number) & ~bit;
  });
}

/**
 * Puts a policy in the place of the one of its kind and name, or adds it; null for `policy` takes it away. The matrix is changed in place; its
 * `set` keeps the policies it was made from.
 */
export function replacePolicy(matrix: PairMatrix, kind: string, id: string, policy: Policy | null): void {
  const key = `${kind} ${id}`;
  const old = matrix.byPolicy.get(key);
  const next = policy ? entryOf(matrix.sets, policy, matrix.flow) : undefined;
  if (next) matrix.byPolicy.set(key, next);
  else matrix.byPolicy.delete(key);
  const touched = new Uint32Array(matrix.sets.words);
  for (const entry of [old, next]) if (entry) orInto(touched, entry.subjects);
  eachBit(touched, (i) => {
    const mine = (matrix.entries[i] as Entry[]).filter((entry) => entry !== old);
    if (next && hasBit(next.subjects, i)) {
      const at = mine.findIndex((entry) => policyOrder(entry.policy, next.policy) > 0);
      mine.splice(at < 0 ? mine.length : at, 0, next);
    }
    matrix.entries[i] = mine;
    for (const direction of DIRECTIONS)
      if (old?.grants[direction] || next?.grants[direction]) refresh(matrix, direction, i);
  });
}
