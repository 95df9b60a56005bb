/**
 * What the Services ask of a node in IPVS mode: virtual servers with their real ones, and the members of the sets. Source:
 * kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (syncProxyRules, syncEndpoint) of 1.34.
 */
import { formatPrefix, inPrefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
import type { Endpoint, ServicePort } from '../service-ports.ts';
import { type Entries, noEntries, type SetName } from './sets.ts';

type Protocol = ServicePort['protocol'];

export interface WantedServer {
  ip: string;
  port: number;
  protocol: Protocol;
  /** Seconds a client stays with its endpoint; 0 for no affinity. */
  affinity: number;
  /** The address goes on kube-ipvs0. */
  bind: boolean;
  endpoints: readonly Endpoint[];
}

/** A load balancer's address that the node itself may not use. */
export interface Closed {
  ip: string;
  port: number;
  protocol: Protocol;
}

export interface Wanted {
  servers: WantedServer[];
  entries: Entries;
  closedToNode: Closed[];
  /** `namespace/name` of Services with a Local policy and endpoints, but none on this node. */
  noLocal: Record<'internal' | 'external', Set<string>>;
}

/** Addresses of the node that the outcome depends on. */
export interface NodeView {
  /** Its primary address, or null. */
  ip: string | null;
  /** Every address that is not on kube-ipvs0. */
  addresses: ReadonlySet<string>;
  /** Those that NodePorts listen on. */
  nodePorts: readonly string[];
}

const NODE_PORT_SETS: Readonly<Record<Protocol, readonly [SetName, SetName]>> = {
  tcp: ['KUBE-NODE-PORT-TCP', 'KUBE-NODE-PORT-LOCAL-TCP'],
  udp: ['KUBE-NODE-PORT-UDP', 'KUBE-NODE-PORT-LOCAL-UDP'],
  sctp: ['KUBE-NODE-PORT-SCTP-HASH', 'KUBE-NODE-PORT-LOCAL-SCTP-HASH'],
};

/** Endpoints under a policy; a Local one without any on this node falls back to all, so that Pods of the node get through. */
const endpointsFor = (s: ServicePort, local: boolean): readonly Endpoint[] =>
  local && s.local.length > 0 ? s.local : s.cluster;

class Collector {
  readonly out: Wanted = {
    servers: [],
    entries: noEntries(),
    closedToNode: [],
    noLocal: { internal: new Set(), external: new Set() },
  };

  constructor(private readonly node: NodeView) {}

  service(s: ServicePort): void {
    for (const e of s.all) if (e.local) this.add('KUBE-LOOP-BACK', `${e.ip},${s.protocol}:${e.port},${e.ip}`);
    this.add('KUBE-CLUSTER-IP', this.at(s, s.clusterIP));
    this.server(s, s.clusterIP, s.port, true, s.internalLocal);
    for (const ip of s.externalIPs) {
      this.add(s.externalLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', this.at(s, ip));
      this.server(s, ip, s.port, !this.node.addresses.has(ip), s.externalLocal);
    }
    for (const ip of s.loadBalancerIPs) {
      this.add('KUBE-LOAD-BALANCER', this.at(s, ip));
      if (s.externalLocal) this.add('KUBE-LOAD-BALANCER-LOCAL', this.at(s, ip));
      if (s.sourceRanges.length > 0) this.firewall(s, ip);
      this.server(s, ip, s.port, !this.node.addresses.has(ip), s.externalLocal);
    }
    if (s.nodePort > 0) {
      // Without an address to listen on upstream leaves the port's health check out too.
      if (this.node.nodePorts.length === 0) return;
      this.nodePort(s);
    }
    if (s.healthCheckNodePort > 0) this.add('KUBE-HEALTH-CHECK-NODE-PORT', String(s.healthCheckNodePort));
  }

  private at = (s: ServicePort, ip: string): string => `${ip},${s.protocol}:${s.port}`;

  private add(set: SetName, entry: string): void {
    this.out.entries[set].add(entry);
  }

  private server(s: ServicePort, ip: string, port: number, bind: boolean, local: boolean): void {
    const { protocol, affinity } = s;
    if (local && s.local.length === 0 && s.hasEndpoints) {
      const { internal, external } = this.out.noLocal;
      if (s.internalLocal) internal.add(`${s.namespace}/${s.name}`);
      if (s.externalLocal) external.add(`${s.namespace}/${s.name}`);
    }
    this.out.servers.push({ ip, port, protocol, affinity, bind, endpoints: endpointsFor(s, local) });
  }

  private firewall(s: ServicePort, ip: string): void {
    this.add('KUBE-LOAD-BALANCER-FW', this.at(s, ip));
    const own = this.node.ip === null ? null : parseIp(this.node.ip);
    let open = false;
    for (const text of s.sourceRanges) {
      const range = parsePrefix(text);
      if (range === null) continue;
      this.add('KUBE-LOAD-BALANCER-SOURCE-CIDR', `${this.at(s, ip)},${formatPrefix(range)}`);
      open ||= own !== null && inPrefix(own, range);
    }
    if (open) this.add('KUBE-LOAD-BALANCER-SOURCE-IP', `${this.at(s, ip)},${ip}`);
    else this.out.closedToNode.push({ ip, port: s.port, protocol: s.protocol });
  }

  private nodePort(s: ServicePort): void {
    const { nodePorts } = this.node;
    const [all, local] = NODE_PORT_SETS[s.protocol];
    const entries = s.protocol === 'sctp' ? nodePorts.map((ip) => `${ip},sctp:${s.nodePort}`) : [String(s.nodePort)];
    for (const entry of entries) {
      this.add(all, entry);
      if (s.externalLocal) this.add(local, entry);
    }
    for (const ip of nodePorts) this.server(s, ip, s.nodePort, false, s.externalLocal);
  }
}

/** What the ports ask for, in their order. */
export function wantedState(ports: readonly ServicePort[], node: NodeView): Wanted {
  const collector = new Collector(node);
  for (const port of ports) collector.service(port);
  return collector.out;
}
