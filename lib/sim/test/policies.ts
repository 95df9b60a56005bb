/** Random clusters and policies from a seed, as API objects: for the laws of the evaluator, for data planes beside it, and for the bench. */
import type { KubeObject } from '../k8s/types.ts';
import { nextBelow, type RngState, seedRng } from '../kernel/rng.ts';

export interface DrawSize {
  namespaces: number;
  pods: number;
  policies: number;
  /** ClusterNetworkPolicies beside them. */
  clusterPolicies: number;
  /** Whether Pods of the host's network are among them. */
  hostNetwork: boolean;
}

type Selector = Record<string, unknown>;
const APPS = ['web', 'api', 'db', 'cache', 'queue', 'auth', 'mail', 'batch'];
const PORTS = [80, 81, 443, 5432, 8080];
const NAMES = ['http', 'metrics', 'sql'];

export class PolicyDraw {
  readonly #rng: RngState;
  readonly #size: DrawSize;

  constructor(seed: number, size: DrawSize) {
    this.#rng = seedRng(seed);
    this.#size = size;
  }

  #below = (n: number): number => nextBelow(this.#rng, n);
  #one = <T>(items: readonly T[]): T => items[this.#below(items.length)] as T;
  #some = <T>(most: number, make: () => T): T[] => Array.from({ length: this.#below(most + 1) }, make);

  #namespace = (): string => `ns${this.#below(this.#size.namespaces)}`;

  #podSelector = (): Selector => {
    const kind = this.#below(6);
    if (kind === 0) return {};
    if (kind === 1) return { matchLabels: { app: this.#one(APPS), tier: `t${this.#below(3)}` } };
    if (kind === 2)
      return {
        matchExpressions: [
          { key: 'app', operator: this.#one(['In', 'NotIn']), values: [this.#one(APPS), this.#one(APPS)] },
        ],
      };
    if (kind === 3) return { matchExpressions: [{ key: 'canary', operator: this.#one(['Exists', 'DoesNotExist']) }] };
    return { matchLabels: { app: this.#one(APPS) } };
  };

  #namespaceSelector = (): Selector => {
    const kind = this.#below(4);
    if (kind === 0) return {};
    if (kind === 1) return { matchLabels: { 'kubernetes.io/metadata.name': this.#namespace() } };
    return { matchLabels: { team: `team${this.#below(4)}` } };
  };

  /** Blocks of Pod addresses: 10.244.0.0/16 is handed out by count. */
  #block = () => {
    const base = this.#below(Math.max(1, this.#size.pods >> 4)) * 16;
    const at = (n: number) => `10.244.${(n >> 8) & 255}.${n & 255}`;
    const cidr = this.#one([`${at(base)}/28`, `${at(base & ~63)}/26`, '10.244.0.0/16', '0.0.0.0/0']);
    return { cidr, ...(this.#below(2) === 0 ? { except: [`${at(base + 4)}/31`] } : {}) };
  };

  #peer = (): Selector => {
    const kind = this.#below(5);
    if (kind === 0) return { podSelector: this.#podSelector() };
    if (kind === 1) return { namespaceSelector: this.#namespaceSelector() };
    if (kind === 2) return { namespaceSelector: this.#namespaceSelector(), podSelector: this.#podSelector() };
    if (kind === 3) return { ipBlock: this.#block() };
    return { podSelector: this.#podSelector() };
  };

  #port = (): Selector => {
    const protocol = this.#one(['TCP', 'TCP', 'UDP', 'SCTP']);
    const kind = this.#below(5);
    if (kind === 0) return { protocol };
    if (kind === 1) return { protocol, port: this.#one(NAMES) };
    const port = this.#one(PORTS);
    return kind === 2 ? { protocol, port, endPort: port + this.#below(400) } : { protocol, port };
  };

  #rule = (peers: 'from' | 'to'): Selector => {
    const listed = this.#some(3, this.#peer);
    const ports = this.#some(2, this.#port);
    return { ...(listed.length > 0 ? { [peers]: listed } : {}), ...(ports.length > 0 ? { ports } : {}) };
  };

  namespaces(): KubeObject[] {
    return Array.from({ length: this.#size.namespaces }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `ns${i}`, labels: { team: `team${i % 4}`, 'kubernetes.io/metadata.name': `ns${i}` } },
    }));
  }

  pods(): KubeObject[] {
    return Array.from({ length: this.#size.pods }, (_, i) => {
      const hostNetwork = this.#size.hostNetwork && this.#below(12) === 0;
      const node = this.#below(3);
      const labels: Record<string, string> = { app: this.#one(APPS), tier: `t${this.#below(3)}` };
      if (this.#below(4) === 0) labels.canary = 'yes';
      const ports = this.#some(3, () => ({
        name: this.#one(NAMES),
        containerPort: this.#one(PORTS),
        protocol: this.#one(['TCP', 'TCP', 'UDP']),
      }));
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${i}`, namespace: this.#namespace(), labels },
        spec: { nodeName: `node${node}`, hostNetwork, containers: [{ name: 'c', image: 'x', ports }] },
        status: {
          phase: 'Running',
          podIPs: [{ ip: hostNetwork ? `172.18.0.${10 + node}` : `10.244.${(i >> 8) & 255}.${i & 255}` }],
        },
      };
    });
  }

  /** A NetworkPolicy of the given name. */
  policy(name: string): KubeObject {
    const policyTypes = this.#one([['Ingress'], ['Egress'], ['Ingress', 'Egress'], undefined]);
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: this.#namespace() },
      spec: {
        podSelector: this.#podSelector(),
        ...(policyTypes ? { policyTypes } : {}),
        ingress: this.#some(3, () => this.#rule('from')),
        egress: this.#some(3, () => this.#rule('to')),
      },
    };
  }

  clusterPolicy(name: string, priority: number): KubeObject {
    const pods = () => ({ namespaceSelector: this.#namespaceSelector(), podSelector: this.#podSelector() });
    const match = () => this.#one([{ namespaces: this.#namespaceSelector() }, { pods: pods() }]);
    const protocols = () => {
      const number = this.#one(PORTS);
      const destinationPort = this.#one([{ number }, { range: { start: number, end: number + 400 } }]);
      return this.#one([{ tcp: { destinationPort } }, { udp: {} }, { destinationNamedPort: this.#one(NAMES) }]);
    };
    const rule = (peers: 'from' | 'to') => {
      const outside = peers === 'to' && this.#below(4) === 0 ? [{ networks: [this.#block().cidr] }] : [];
      const listed = this.#some(1, protocols);
      return {
        action: this.#one(['Accept', 'Deny', 'Pass']),
        [peers]: [match(), ...this.#some(1, match), ...outside],
        ...(listed.length > 0 ? { protocols: listed } : {}),
      };
    };
    return {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name },
      spec: {
        tier: this.#one(['Admin', 'Baseline']),
        priority,
        subject: match(),
        ingress: this.#some(3, () => rule('from')),
        egress: this.#some(3, () => rule('to')),
      },
    };
  }

  policies(): KubeObject[] {
    return [
      ...Array.from({ length: this.#size.policies }, (_, i) => this.policy(`np${i}`)),
      ...Array.from({ length: this.#size.clusterPolicies }, (_, i) => this.clusterPolicy(`cnp${i}`, i)),
    ];
  }

  /** A port that policies may name. */
  flow() {
    return { protocol: this.#one(['TCP', 'TCP', 'UDP', 'SCTP'] as const), port: this.#one([...PORTS, 9999]) };
  }
}
