/** One flow, one rule after the other, with everything that was looked at. */
import { inPrefix } from '../../addr/ip.ts';
import { matchesLabelSelector } from '../store/selector.ts';
import type {
  Direction,
  Endpoint,
  FlowPort,
  Peer,
  PeerReason,
  PodMatch,
  Policy,
  PolicySet,
  PolicyStep,
  PortMatch,
  PortReason,
  Rule,
  RuleStep,
  Side,
  Tier,
  Verdict,
} from './contract.ts';

function podReason(end: Endpoint, { namespace, pods }: PodMatch): 'fits' | 'namespace' | 'labels' | 'address-only' {
  if (!end.selectable) return 'address-only';
  const inNamespace =
    typeof namespace === 'string' ? end.namespace === namespace : matchesLabelSelector(end.namespaceLabels, namespace);
  if (!inNamespace) return 'namespace';
  return pods === null || matchesLabelSelector(end.labels, pods) ? 'fits' : 'labels';
}

/** Whether the policy's subject selects the Pod. */
export const selects = (policy: Policy, end: Endpoint): boolean => podReason(end, policy.subject) === 'fits';

/** Why the peer fits the end, or not. */
export function peerReason(set: PolicySet, peer: Peer, end: Endpoint): PeerReason {
  if (peer.kind === 'pods') return podReason(end, peer);
  if (peer.kind === 'unknown') return 'unknown';
  if (peer.kind === 'nodes') {
    const nodes = set.nodes.filter(({ labels }) => matchesLabelSelector(labels, peer.nodes));
    const fits = !end.selectable && nodes.some(({ ips }) => ips.some((ip) => end.ips.includes(ip)));
    return fits ? 'fits' : 'address';
  }
  if (end.selectable && !set.semantics.blocksMatchPods) return 'address';
  const inside = end.ips.filter((ip) => inPrefix(ip, peer.block));
  if (inside.length === 0) return 'address';
  return inside.some((ip) => !peer.except.some((range) => inPrefix(ip, range))) ? 'fits' : 'excepted';
}

/** Why the port fits, or not. @param to the flow's destination: names are names of its container ports */
export function portReason({ protocol, port, end }: PortMatch, flow: FlowPort, to: Endpoint): PortReason {
  if (protocol !== null && protocol !== flow.protocol) return 'protocol';
  if (port === null) return 'fits';
  if (typeof port === 'number')
    return flow.port === port || (end !== null && flow.port > port && flow.port <= end) ? 'fits' : 'port';
  const number = to.namedPorts.get(`${port}/${flow.protocol}`);
  if (number === undefined) return 'no-such-name';
  return number === flow.port ? 'fits' : 'name-is-another-port';
}

/** A rule that denies or passes and has a peer that is not known denies everybody. */
export const failsClosed = ({ action, peers }: Rule): boolean =>
  action !== 'Accept' && (peers?.some((peer) => peer.kind === 'unknown') ?? false);

function ruleStep(set: PolicySet, rule: Rule, index: number, peer: Endpoint, to: Endpoint, flow: FlowPort): RuleStep {
  const peers = rule.peers?.map((one) => peerReason(set, one, peer)) ?? [];
  const ports = rule.ports?.map((one) => portReason(one, flow, to)) ?? [];
  if (failsClosed(rule)) return { index, action: 'Deny', fits: true, peers, ports };
  const fits = (rule.peers === null || peers.includes('fits')) && (rule.ports === null || ports.includes('fits'));
  return { index, action: rule.action, fits, peers, ports };
}

interface Looking {
  set: PolicySet;
  direction: Direction;
  subject: Endpoint;
  peer: Endpoint;
  to: Endpoint;
  flow: FlowPort;
  steps: PolicyStep[];
}

/** The first rule of a tier that fits, over the policies in their order; null when none does or the subject is in none. */
function firstRule(look: Looking, tier: Tier): { policy: string; step: RuleStep } | 'isolated' | null {
  const { set, direction, subject, peer, to, flow, steps } = look;
  let isolated = false;
  for (const policy of set.policies) {
    const rules = policy.rules[direction];
    if (policy.tier !== tier || rules === null || !selects(policy, subject)) continue;
    isolated = true;
    const seen: RuleStep[] = [];
    steps.push({ policy: policy.id, tier, rules: seen });
    for (const [index, rule] of rules.entries()) {
      const step = ruleStep(set, rule, index, peer, to, flow);
      seen.push(step);
      if (step.fits) return { policy: policy.id, step };
    }
  }
  return isolated ? 'isolated' : null;
}

function judgeSide(set: PolicySet, direction: Direction, from: Endpoint, to: Endpoint, flow: FlowPort): Side {
  const subject = direction === 'Ingress' ? to : from;
  const peer = direction === 'Ingress' ? from : to;
  const steps: PolicyStep[] = [];
  const side = (allowed: boolean, reason: Side['reason'], by: Side['by'] = null): Side => ({
    direction,
    allowed,
    reason,
    by,
    steps,
  });
  if (from === to) return side(true, 'self');
  if (!subject.selectable) return side(true, 'not-a-subject');
  if (ownNode(set, direction, subject, peer)) return side(true, 'own-node');
  const look: Looking = { set, direction, subject, peer, to, flow, steps };
  for (const tier of ['Admin', 'NetworkPolicy', 'Baseline'] as const) {
    const found = firstRule(look, tier);
    if (found === 'isolated' && tier === 'NetworkPolicy') return side(false, 'no-rule');
    if (found === null || found === 'isolated' || found.step.action === 'Pass') continue;
    return side(found.step.action === 'Accept', 'rule', { policy: found.policy, rule: found.step.index });
  }
  return side(true, 'not-isolated');
}

/** Whether the peer is the subject's own node and therefore always passes. */
export const ownNode = ({ semantics }: PolicySet, direction: Direction, subject: Endpoint, peer: Endpoint): boolean =>
  peer.hostNetwork &&
  peer.node !== '' &&
  peer.node === subject.node &&
  (direction === 'Ingress' || semantics.ownNodeAlwaysReached);

/**
 * Judges the first packet of a flow. O(policies × rules): for a single question and its explanation; all pairs are `matrix.ts`'s.
 * Both ends are judged even when the first denies: each has its own story.
 */
export function judge(set: PolicySet, from: Endpoint, to: Endpoint, flow: FlowPort): Verdict {
  const egress = judgeSide(set, 'Egress', from, to, flow);
  const ingress = judgeSide(set, 'Ingress', from, to, flow);
  return { allowed: egress.allowed && ingress.allowed, egress, ingress };
}
