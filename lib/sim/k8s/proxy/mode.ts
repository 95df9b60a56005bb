/**
 * What a mode of kube-proxy is: the part that writes a node's data plane from the Services' ports. One proxier works on one
 * family of addresses; a node with both has two, as upstream's MetaProxier.
 */
import type { Host, World } from '../../kernel/world.ts';
import type { NetNs } from '../../linux/types.ts';
import type { ProxyConfig } from './config.ts';
import type { ServicePort } from './service-ports.ts';

export type ProxyFamily = 'ip' | 'ip6';

/** How Pods of this cluster are told from others (detectLocalMode); null when there is no way. */
export type LocalDetector =
  | { kind: 'cidr'; cidr: string }
  | { kind: 'interface'; name: string }
  | { kind: 'prefix'; prefix: string }
  | null;

/** What a mode works with. `memory` is the mode's own, plain data, new at each start of kube-proxy. */
export interface Proxier<M = unknown> {
  world: World;
  host: Host;
  ns: NetNs;
  family: ProxyFamily;
  config: ProxyConfig;
  detector: LocalDetector;
  node: {
    name: string;
    /** Its primary address of this family, or null. */
    ip: string | null;
  };
  memory: M;
  /** Values of kube-proxy's metrics by name and labels, as they are printed (see metrics.ts). */
  metrics: Map<string, number>;
}

/** What one sync is about. */
export interface SyncInput {
  /** All of the family's, sorted by their keys. */
  ports: readonly ServicePort[];
  /** How many endpoints they have in all. */
  endpoints: number;
  /** `namespace/name` of Services that changed, or whose endpoints did, since the last sync; null for all. */
  changed: ReadonlySet<string> | null;
  /** The ports of those Services before and now, sorted; with `changed` null `after` is all. */
  before: readonly ServicePort[];
  after: readonly ServicePort[];
  /** Nobody has changed the namespace's rules since kube-proxy's last sync. */
  untouched: boolean;
  /** Prefixes of ServiceCIDR objects, of this family. */
  serviceCIDRs: readonly string[];
}

export interface ProxyMode<M = unknown> {
  /** As the configuration names it. */
  readonly name: 'iptables' | 'ipvs' | 'nftables';
  newMemory(): M;
  /** Longest time between two syncs, µs; an hour where not given. */
  maxInterval?(config: ProxyConfig): number;
  /** Before the first sync: sysctls, modules. A text ends kube-proxy with that error. */
  start?(proxier: Proxier<M>): string | null;
  /** Writes what changed. False when it failed: everything is written again after syncPeriod. */
  sync(proxier: Proxier<M>, input: SyncInput): boolean;
  /** What the mode looks after by itself, and when next (virtual µs); `resync` asks for a sync. */
  tick?(proxier: Proxier<M>): { at: number | null; resync: boolean };
  /** Removes what the mode has written on a node. */
  cleanup(world: World, host: Host, ns: NetNs): void;
}

/** A mode keeps its own type of memory: the program hands it back what it made. */
export const defineMode = <M>(mode: ProxyMode<M>): ProxyMode => mode as ProxyMode;
