/** Policy objects of every kind, in one form. */
import { parsePrefix } from '../../addr/ip.ts';
import type { LabelSelector } from '../store/selector.ts';
import type { KubeObject } from '../types.ts';
import type { Action, Direction, Peer, PodMatch, Policy, PortMatch, Protocol, Rule, Tier } from './contract.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects are as open as the API; the kinds' schemas and validation narrow them
type Open = any;

/** A range of addresses as written; null fits nothing. */
function block(cidr: unknown, except: readonly unknown[] = []): Peer {
  const prefix = typeof cidr === 'string' ? parsePrefix(cidr) : null;
  if (!prefix) return { kind: 'unknown' };
  return { kind: 'block', block: prefix, except: except.flatMap((e) => parsePrefix(String(e)) ?? []) };
}

/** Fields of one peer are ANDed; a podSelector alone stays in the policy's own namespace. */
function namespacedPeer({ ipBlock, namespaceSelector, podSelector }: Open, own: string): Peer {
  if (ipBlock) return block(ipBlock.cidr, ipBlock.except);
  if (!namespaceSelector && !podSelector) return { kind: 'unknown' };
  return { kind: 'pods', namespace: namespaceSelector ?? own, pods: podSelector ?? null };
}

const namespacedPort = ({ protocol, port, endPort }: Open): PortMatch => ({
  protocol: protocol || 'TCP',
  port: port ?? null,
  end: endPort ?? null,
});

/** An empty or missing list of peers or ports stands for all. */
const listed = <T>(items: Open[] | undefined, one: (item: Open) => T): T[] | null =>
  items && items.length > 0 ? items.map(one) : null;

/** policyTypes as the API server writes them when absent: Ingress always, Egress when there are egress rules. */
const typesOf = ({ policyTypes, egress }: Open): Direction[] =>
  policyTypes?.length > 0 ? policyTypes : egress?.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];

function networkPolicy({ metadata, spec = {} }: KubeObject): Policy {
  const own = metadata.namespace ?? 'default';
  const types = typesOf(spec);
  const rules = (rules: Open[] = [], peers: 'from' | 'to'): Rule[] =>
    rules.map((rule) => ({
      action: 'Accept',
      peers: listed(rule[peers], (peer) => namespacedPeer(peer, own)),
      ports: listed(rule.ports, namespacedPort),
    }));
  return {
    id: `${own}/${metadata.name}`,
    kind: 'NetworkPolicy',
    tier: 'NetworkPolicy',
    priority: 0,
    subject: { namespace: own, pods: spec.podSelector ?? {} },
    rules: {
      Ingress: types.includes('Ingress') ? rules(spec.ingress, 'from') : null,
      Egress: types.includes('Egress') ? rules(spec.egress, 'to') : null,
    },
  };
}

const podMatch = ({ namespaces, pods }: Open): PodMatch | null => {
  if (namespaces) return { namespace: namespaces as LabelSelector, pods: null };
  return pods ? { namespace: pods.namespaceSelector ?? {}, pods: pods.podSelector ?? {} } : null;
};

/** One peer of a policy of the cluster; `networks` is a list, and so one peer each. */
function clusterPeers(peer: Open): Peer[] {
  const match = podMatch(peer);
  if (match) return [{ kind: 'pods', ...match }];
  if (peer.nodes) return [{ kind: 'nodes', nodes: peer.nodes }];
  if (peer.networks) return peer.networks.map((cidr: unknown) => block(cidr));
  return [{ kind: 'unknown' }];
}

/** `protocols` of v1alpha2. */
function protocolMatch(one: Open): PortMatch {
  if (one.destinationNamedPort) return { protocol: null, port: one.destinationNamedPort, end: null };
  for (const protocol of ['tcp', 'udp', 'sctp'] as const)
    if (one[protocol]) {
      const { number, range } = one[protocol].destinationPort ?? {};
      return {
        protocol: protocol.toUpperCase() as Protocol,
        port: number ?? range?.start ?? null,
        end: range?.end ?? null,
      };
    }
  return { protocol: null, port: null, end: null };
}

/** `ports` of v1alpha1. */
function alphaPort({ portNumber, portRange, namedPort }: Open): PortMatch {
  if (portNumber) return { protocol: portNumber.protocol || 'TCP', port: portNumber.port, end: null };
  if (portRange) return { protocol: portRange.protocol || 'TCP', port: portRange.start, end: portRange.end };
  return { protocol: null, port: namedPort ?? null, end: null };
}

function clusterPolicy({ kind, metadata, spec = {} }: KubeObject, tier: Tier): Policy {
  const rules = (rules: Open[] | undefined, peers: 'from' | 'to'): Rule[] | null =>
    rules && rules.length > 0
      ? rules.map((rule) => ({
          action: (rule.action === 'Allow' ? 'Accept' : rule.action) as Action,
          peers: (rule[peers] ?? []).flatMap(clusterPeers),
          ports: listed(rule.protocols, protocolMatch) ?? listed(rule.ports, alphaPort),
        }))
      : null;
  return {
    id: metadata.name,
    kind,
    tier,
    priority: spec.priority ?? 0,
    // A subject of a form that is not known selects nothing.
    subject: podMatch(spec.subject ?? {}) ?? { namespace: '', pods: null },
    rules: { Ingress: rules(spec.ingress, 'from'), Egress: rules(spec.egress, 'to') },
  };
}

/** The policy in the evaluator's form; null for objects that are no policy. */
export function compilePolicy(object: KubeObject): Policy | null {
  if (object.kind === 'NetworkPolicy') return networkPolicy(object);
  if (object.kind === 'ClusterNetworkPolicy')
    return clusterPolicy(object, object.spec?.tier === 'Baseline' ? 'Baseline' : 'Admin');
  if (object.kind === 'AdminNetworkPolicy') return clusterPolicy(object, 'Admin');
  if (object.kind === 'BaselineAdminNetworkPolicy') return clusterPolicy(object, 'Baseline');
  return null;
}

const TIERS: readonly Tier[] = ['Admin', 'NetworkPolicy', 'Baseline'];

/** Which of two policies is looked at first. Equal priorities are undefined upstream; here the name decides. */
export const policyOrder = (a: Policy, b: Policy): number =>
  TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.priority - b.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Policies among the objects, in the order in which they are looked at. */
export const compilePolicies = (objects: readonly KubeObject[]): Policy[] =>
  objects.flatMap((object) => compilePolicy(object) ?? []).sort(policyOrder);
