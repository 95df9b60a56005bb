/**
 * NetworkPolicy as an evaluator sees it: who can be selected, what was written, what is decided and why. It says what policies mean;
 * what a plugin's data plane does is the plugin's. Sources: kubernetes/website network-policies.md, k8s.io/api networking/v1 types.go,
 * kubernetes-sigs/network-policy-api apis/v1alpha2 clusternetworkpolicy_types.go.
 */
import type { Ip, Prefix } from '../../addr/ip.ts';
import type { LabelSelector } from '../store/selector.ts';

export type Direction = 'Ingress' | 'Egress';
export const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress'];

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** The destination port of a flow. */
export interface FlowPort {
  protocol: Protocol;
  port: number;
}

/** One end of a flow: a Pod, or an address outside. */
export interface Endpoint {
  /** `namespace/name` of a Pod; the address of an end outside. */
  id: string;
  /** Empty for an end outside. */
  namespace: string;
  labels: Record<string, string>;
  namespaceLabels: Record<string, string>;
  ips: readonly Ip[];
  /** Empty when not on a node. */
  node: string;
  /** Has an address of its own in the Pod network: policies select it. Not so for Pods of the host's network and ends outside, which are addresses only. */
  selectable: boolean;
  /** Uses its node's addresses. */
  hostNetwork: boolean;
  /** `name/PROTOCOL` of container ports → number. */
  namedPorts: ReadonlyMap<string, number>;
}

/** Pods of namespaces; a namespace by its name or by its labels. `pods: null` selects all of them. */
export interface PodMatch {
  namespace: string | LabelSelector;
  pods: LabelSelector | null;
}

export type Peer =
  | ({ kind: 'pods' } & PodMatch)
  | { kind: 'block'; block: Prefix; except: readonly Prefix[] }
  | { kind: 'nodes'; nodes: LabelSelector }
  /** A peer of a form that is not known or cannot be known here (domain names): rules fail closed. */
  | { kind: 'unknown' };

export interface PortMatch {
  /** Null: of any protocol. */
  protocol: Protocol | null;
  /** A number, the name of a container port, or null: any. */
  port: number | string | null;
  /** Last port of a range. */
  end: number | null;
}

/** v1alpha1 said Allow where v1alpha2 says Accept. */
export type Action = 'Accept' | 'Deny' | 'Pass';
export type Tier = 'Admin' | 'NetworkPolicy' | 'Baseline';

export interface Rule {
  action: Action;
  /** Null: anybody. */
  peers: readonly Peer[] | null;
  /** Null: any port. */
  ports: readonly PortMatch[] | null;
}

export interface Policy {
  /** `namespace/name` of a NetworkPolicy, the name of one of the cluster. */
  id: string;
  kind: string;
  tier: Tier;
  /** Lower goes first; NetworkPolicies have none and are added up. */
  priority: number;
  subject: PodMatch;
  /** Null: the policy does not affect that direction. */
  rules: Record<Direction, readonly Rule[] | null>;
}

/** Where implementations differ although each is within the documents. */
export interface Semantics {
  /** An ipBlock matches Pods by their addresses. Cilium's does not: it knows those by identity only. */
  blocksMatchPods: boolean;
  /** What a Pod sends to its own node passes whatever its egress policies say (Weave Net). */
  ownNodeAlwaysReached: boolean;
}

export const USUAL: Semantics = { blocksMatchPods: true, ownNodeAlwaysReached: false };

export interface PolicySet {
  endpoints: readonly Endpoint[];
  /** In the order in which they are looked at: Admin by priority, NetworkPolicies, Baseline by priority. */
  policies: readonly Policy[];
  /** Labels and addresses of nodes, for `nodes` peers. */
  nodes: readonly { name: string; labels: Record<string, string>; ips: readonly Ip[] }[];
  semantics: Semantics;
}

/** Why a peer of a rule fits or not. */
export type PeerReason = 'fits' | 'namespace' | 'labels' | 'address' | 'excepted' | 'address-only' | 'unknown';
/** Why a port of a rule fits or not. */
export type PortReason = 'fits' | 'protocol' | 'port' | 'no-such-name' | 'name-is-another-port';

export interface RuleStep {
  index: number;
  action: Action;
  fits: boolean;
  /** One for each peer written; empty when the rule names none. */
  peers: PeerReason[];
  /** One for each port written; empty when the rule names none. */
  ports: PortReason[];
}

export interface PolicyStep {
  policy: string;
  tier: Tier;
  /** Of the rules looked at, in order; looking ends at the rule that decides. */
  rules: RuleStep[];
}

export type SideReason =
  /** The flow does not leave the Pod. */
  | 'self'
  /** A node always reaches its own Pods. */
  | 'own-node'
  /** This end is an address outside of policies: a Pod of the host's network, a host. */
  | 'not-a-subject'
  /** No policy isolates the Pod in this direction. */
  | 'not-isolated'
  /** A rule allows or denies. */
  | 'rule'
  /** Isolated, and no rule of any policy allows. */
  | 'no-rule';

export interface Side {
  direction: Direction;
  allowed: boolean;
  reason: SideReason;
  /** The rule that decided, when one did. */
  by: { policy: string; rule: number } | null;
  /** Every policy looked at for this end. */
  steps: PolicyStep[];
}

/** A flow passes when the source's egress and the destination's ingress both allow it. Replies need nothing of their own. */
export interface Verdict {
  allowed: boolean;
  egress: Side;
  ingress: Side;
}
