/** What belongs to a link's kind: a veth's peer, a bridge's ports and forwarding database, a VXLAN's remotes. */
import type { Ip } from '../addr/ip.ts';
import type { Mac } from '../addr/mac.ts';

export type LinkData = VethData | BridgeData | VxlanData | PhysData | OtherLinkData;

export interface VethData {
  type: 'veth';
  peerNs: number;
  peerIfindex: number;
}

export interface BridgeData {
  type: 'bridge';
  /** MAC and VLAN → entry, in order of insertion. */
  fdb: FdbEntry[];
  stp: boolean;
  ageingTime: number;
  vlanFiltering: boolean;
  vlanDefaultPvid: number;
  mcastSnooping: boolean;
  /** Multicast groups put in by hand, the newest group first. */
  mdb: MdbEntry[];
  /** Other attributes by their `ip link … type bridge` word. */
  opts: Record<string, number>;
}

export interface MdbEntry {
  /** An IP group, or a MAC group where the bridge knows no better. */
  group: Ip | { mac: Mac };
  source?: Ip;
  vlan: number;
  /** The port's ifindex; 0 for the bridge's own host. */
  port: number;
  permanent: boolean;
  /** Virtual time at which a temporary one goes. */
  until: number;
}

export interface PortVlan {
  vid: number;
  pvid: boolean;
  untagged: boolean;
  /** Its own state on this port; forwarding when not given. */
  state?: BridgePort['state'];
}

export interface BridgePort {
  state: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';
  priority: number;
  cost: number;
  hairpin: boolean;
  guard: boolean;
  rootBlock: boolean;
  fastLeave: boolean;
  learning: boolean;
  flood: boolean;
  mcastFlood: boolean;
  bcastFlood: boolean;
  isolated: boolean;
  proxyArp: boolean;
  neighSuppress: boolean;
  /** 0 never, 1 when queries are heard, 2 always, 3 for a while (IFLA_BRPORT_MULTICAST_ROUTER). */
  mcastRouter: number;
  mcastToUnicast: boolean;
  vlanTunnel: boolean;
  proxyArpWifi: boolean;
  groupFwdMask: number;
  locked: boolean;
  /** ifindex of the port that takes over when this one loses its carrier; 0 for none. */
  backupPort: number;
  portNo: number;
  vlans: PortVlan[];
}

export interface FdbEntry {
  mac: Mac;
  /** Port's ifindex (bridge FDB); the device itself for `self` entries. */
  port: number;
  vlan: number;
  /** Remote VTEP (vxlan FDB). */
  dst?: Ip;
  vni?: number;
  dstPort?: number;
  via?: number;
  isLocal: boolean;
  isStatic: boolean;
  /** Learned by hand with `extern_learn` or similar flags, by their printed words. */
  flags: string[];
  updated: number;
  used: number;
}

export interface VxlanData {
  type: 'vxlan';
  vni: number;
  local: Ip | null;
  group: Ip | null;
  /** Lower device's ifindex, 0 for none. */
  dev: number;
  dstPort: number;
  learning: boolean;
  ttl: number;
  tos: number;
  fdb: FdbEntry[];
  proxy: boolean;
  l2miss: boolean;
  l3miss: boolean;
  opts: Record<string, number | boolean>;
}

/** A NIC whose cable ends in a segment of the world. */
export interface PhysData {
  type: 'phys';
  segment: number;
}

export interface OtherLinkData {
  type: string;
  [key: string]: unknown;
}

/** An address on a link: `ip addr`. */
