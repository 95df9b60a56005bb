/** All pairs by asking for each: the plain way, which `matrix.ts` has to agree with and is measured against. */
import type { Direction, Endpoint, FlowPort, PolicySet, Rule } from './contract.ts';
import { failsClosed, ownNode, peerReason, portReason, selects } from './judge.ts';

const fits = (set: PolicySet, rule: Rule, peer: Endpoint, to: Endpoint, flow: FlowPort): boolean =>
  failsClosed(rule) ||
  ((rule.peers === null || rule.peers.some((one) => peerReason(set, one, peer) === 'fits')) &&
    (rule.ports === null || rule.ports.some((one) => portReason(one, flow, to) === 'fits')));

function sideAllows(set: PolicySet, direction: Direction, from: Endpoint, to: Endpoint, flow: FlowPort): boolean {
  const [subject, peer] = direction === 'Ingress' ? [to, from] : [from, to];
  if (!subject.selectable || ownNode(set, direction, subject, peer)) return true;
  let passed = '';
  let isolated = false;
  for (const policy of set.policies) {
    if (policy.tier === passed) continue;
    if (policy.tier === 'Baseline' && isolated) return false;
    const rules = policy.rules[direction];
    if (rules === null || !selects(policy, subject)) continue;
    if (policy.tier === 'NetworkPolicy') isolated = true;
    const rule = rules.find((one) => fits(set, one, peer, to, flow));
    if (!rule) continue;
    if (failsClosed(rule)) return false;
    if (rule.action !== 'Pass') return rule.action === 'Accept';
    passed = policy.tier;
  }
  return !isolated;
}

/** Whether one flow passes, without saying why. */
export const allows = (set: PolicySet, from: Endpoint, to: Endpoint, flow: FlowPort): boolean =>
  from === to || (sideAllows(set, 'Egress', from, to, flow) && sideAllows(set, 'Ingress', from, to, flow));

/** Row = source, column = destination, in the order of the set's endpoints. O(endpoints² × policies × rules). */
export const walkPairs = (set: PolicySet, flow: FlowPort): boolean[][] =>
  set.endpoints.map((from) => set.endpoints.map((to) => allows(set, from, to, flow)));
