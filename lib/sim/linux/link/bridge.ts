/** The Ethernet bridge: net/bridge/. Its forwarding stands in stack/, its configuration here. */
import type { World } from '../../kernel/world.ts';
import type { BridgeData, BridgePort, Link, NetNs, NlError } from '../types.ts';
import { dropLearned, dropPortFdb, localFdb } from './fdb.ts';
import { portsOf } from './find.ts';
import { defineLinkKind } from './kind.ts';
import { isIpTunnel } from './tunnel.ts';

/** The bridge part of a link, or null. */
export const bridgeOf = (link: Link): BridgeData | null =>
  link.data.type === 'bridge' ? (link.data as BridgeData) : null;

/** Attributes that are numbers, with the kernel's defaults (times in hundredths of a second). */
export const BRIDGE_DEFAULTS: Readonly<Record<string, number>> = {
  forward_delay: 1500,
  hello_time: 200,
  max_age: 2000,
  priority: 32768,
  group_fwd_mask: 0,
  no_linklocal_learn: 0,
  mcast_vlan_snooping: 0,
  mcast_router: 1,
  mcast_query_use_ifaddr: 0,
  mcast_querier: 0,
  mcast_hash_elasticity: 16,
  mcast_hash_max: 4096,
  mcast_last_member_count: 2,
  mcast_startup_query_count: 2,
  mcast_last_member_interval: 100,
  mcast_membership_interval: 26000,
  mcast_querier_interval: 25500,
  mcast_query_interval: 12500,
  mcast_query_response_interval: 1000,
  mcast_startup_query_interval: 3124,
  mcast_stats_enabled: 0,
  mcast_igmp_version: 2,
  mcast_mld_version: 1,
  nf_call_iptables: 0,
  nf_call_ip6tables: 0,
  nf_call_arptables: 0,
};

/** Bounds of the times that STP allows: hundredths of a second (br_set_forward_delay and its siblings). */
const BOUNDS: Record<string, [number, number]> = {
  forward_delay: [200, 3000],
  hello_time: [100, 1000],
  max_age: [600, 4000],
  priority: [0, 65535],
};

function change(_world: World, ns: NetNs, link: Link, data: Record<string, unknown>): NlError | null {
  const br = link.data as BridgeData;
  // br_changelink() takes the attributes in its own order: the delay before STP.
  for (const [key, value] of Object.entries(data).sort(
    ([a], [b]) => Number(a === 'stp_state') - Number(b === 'stp_state'),
  )) {
    const n = Number(value);
    const bounds = BOUNDS[key];
    // Without STP any delay goes; turning it on brings the delay into its bounds.
    const free = key === 'forward_delay' && !br.stp;
    if (bounds && !free && (n < bounds[0] || n > bounds[1])) return { errno: 'ERANGE' };
    if (key === 'group_address' && !validGroup(n)) return { errno: 'EINVAL' };
    if (key === 'fdb_flush') {
      br.fdb = br.fdb.filter((f) => f.isLocal || f.isStatic);
      continue;
    }
    if (key === 'stp_state') {
      br.stp = n !== 0;
      const [low, high] = BOUNDS.forward_delay as [number, number];
      if (br.stp) br.opts.forward_delay = Math.min(high, Math.max(low, br.opts.forward_delay ?? low));
    } else if (key === 'ageing_time') br.ageingTime = n;
    else if (key === 'mcast_snooping') br.mcastSnooping = n !== 0;
    else if (key === 'vlan_filtering') {
      br.vlanFiltering = n !== 0;
      br.opts.vlan_used = 1;
    } else if (key === 'vlan_default_pvid') setDefaultPvid(ns, link, n);
    else br.opts[key] = n;
  }
  return null;
}

/** 01:80:c2:00:00:0X, but for the addresses of pause frames, LACP and 802.1X (br_dev_set_group_address). */
function validGroup(mac: number): boolean {
  const last = mac - 0x0180c2000000;
  return last >= 0 && last <= 15 && last !== 1 && last !== 2 && last !== 3;
}

function setDefaultPvid(ns: NetNs, link: Link, pvid: number): void {
  const br = link.data as BridgeData;
  const old = br.vlanDefaultPvid;
  for (const member of [link, ...portsOf(ns, link)]) {
    const vlans = member === link ? bridgeVlans(br) : (member.port as BridgePort).vlans;
    const at = vlans.findIndex((v) => v.vid === old && v.pvid && v.untagged);
    if (at >= 0) vlans.splice(at, 1, ...(pvid ? [{ vid: pvid, pvid: true, untagged: true }] : []));
    else if (pvid && old === 0) vlans.push({ vid: pvid, pvid: true, untagged: true });
    vlans.sort((a, b) => a.vid - b.vid);
  }
  br.vlanDefaultPvid = pvid;
  br.opts.vlan_used = 1;
}

type Vlans = BridgePort['vlans'];

/** VLANs of the bridge device itself. They live in its data beside the typed fields. */
export function bridgeVlans(br: BridgeData): Vlans {
  const holder = br as BridgeData & { vlans?: Vlans };
  holder.vlans ??= [{ vid: br.vlanDefaultPvid, pvid: true, untagged: true }];
  return holder.vlans;
}

export const bridge = defineLinkKind({
  kind: 'bridge',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'bridge',
  watched: true,
  carrier: (_world, ns, link) => portsOf(ns, link).some((p) => p.port?.state === 'forwarding'),
  create: () => ({
    data: {
      type: 'bridge',
      fdb: [],
      stp: false,
      ageingTime: 30000,
      vlanFiltering: false,
      vlanDefaultPvid: 1,
      mcastSnooping: true,
      mdb: [],
      opts: { ...BRIDGE_DEFAULTS },
    } as BridgeData,
  }),
  registered: (world, ns, link, spec) => {
    bridgeVlans(link.data as BridgeData);
    const error = change(world, ns, link, spec.data ?? {});
    if (!error) localFdb(link, link.mac, 0, world.now);
    return error;
  },
  change,
});

/** A port's settings as br_add_if makes them. `portNo` counts from 1 within the bridge. */
export const newPort = (br: BridgeData, portNo: number): BridgePort => ({
  state: 'disabled',
  priority: 32,
  cost: 2,
  hairpin: false,
  guard: false,
  rootBlock: false,
  fastLeave: false,
  learning: true,
  flood: true,
  mcastFlood: true,
  bcastFlood: true,
  isolated: false,
  proxyArp: false,
  neighSuppress: false,
  mcastRouter: 1,
  mcastToUnicast: false,
  vlanTunnel: false,
  proxyArpWifi: false,
  groupFwdMask: 0,
  locked: false,
  backupPort: 0,
  portNo,
  vlans: br.vlanDefaultPvid ? [{ vid: br.vlanDefaultPvid, pvid: true, untagged: true }] : [],
});

/** Puts a device into a bridge: br_add_if. */
export function addPort(world: World, ns: NetNs, master: Link, link: Link): NlError | null {
  const br = bridgeOf(master);
  if (!br) return { errno: 'EOPNOTSUPP' };
  if (link.data.type === 'bridge') return { errno: 'ELOOP', extack: 'Can not enslave a bridge to a bridge' };
  if (link.data.type === 'loopback' || isIpTunnel(link) || link.kind === 'wireguard') return { errno: 'EINVAL' };
  if (link.kind === 'ipvlan') return { errno: 'EOPNOTSUPP', extack: 'Device does not allow enslaving to a bridge' };
  const taken = new Set(portsOf(ns, master).map((p) => p.port?.portNo));
  let portNo = 1;
  while (taken.has(portNo)) portNo++;
  link.master = master.ifindex;
  link.port = newPort(br, portNo);
  localFdb(master, link.mac, link.ifindex, world.now);
  recalculateBridge(ns, master);
  return null;
}

/** Takes a device out of its bridge: del_nbp. */
export function removePort(_world: World, ns: NetNs, link: Link): void {
  const master = ns.links.get(link.master);
  link.master = 0;
  link.port = undefined;
  if (!master || !bridgeOf(master)) return;
  dropPortFdb(master, link.ifindex);
  (master.data as BridgeData).mdb = (master.data as BridgeData).mdb.filter((e) => e.port !== link.ifindex);
  recalculateBridge(ns, master);
}

/** A bridge without an address of its own takes the lowest of its ports' and the smallest MTU: br_stp_recalculate_bridge_id. */
export function recalculateBridge(ns: NetNs, master: Link): void {
  const ports = portsOf(ns, master);
  if (!master.macSet) {
    const lowest = ports.reduce((low, p) => Math.min(low, p.mac), Number.POSITIVE_INFINITY);
    const mac = ports.length > 0 ? lowest : 0;
    if (mac !== master.mac) {
      const br = master.data as BridgeData;
      const own = br.fdb.find((f) => f.isLocal && f.port === 0);
      if (own) own.mac = mac;
      master.mac = mac;
    }
  }
  if (ports.length > 0 && (master.data as BridgeData).opts.mtu_set !== 1)
    master.mtu = Math.min(...ports.map((p) => p.mtu));
}

/** BR_MAX_PATH_COST; the highest priority of a port; the states STP knows. */
const MAX_COST = 65535;
const MAX_PRIORITY = 63;

/** What netlink may ask of a port beside its fields. */
export type PortChange = Partial<Omit<BridgePort, 'state'>> & {
  state?: BridgePort['state'] | 'invalid';
  /** Forget what was learned behind it. */
  flush?: boolean;
};

/** br_setport: checks and sets a port's settings, in the order the kernel takes them. */
export function changePort(ns: NetNs, link: Link, change: PortChange): NlError | null {
  const { port } = link;
  if (!port) return { errno: 'EOPNOTSUPP' };
  const { flush, state, ...settings } = change;
  const { cost, priority, mcastRouter, backupPort } = settings;
  if (cost !== undefined && (cost < 1 || cost > MAX_COST)) return { errno: 'ERANGE' };
  if (priority !== undefined && priority > MAX_PRIORITY) return { errno: 'ERANGE' };
  if (state === 'invalid') return { errno: 'EINVAL' };
  if (state !== undefined && state !== 'disabled' && (!link.up || !link.carrier)) return { errno: 'ENETDOWN' };
  if (mcastRouter !== undefined && (mcastRouter < 0 || mcastRouter > 3)) return { errno: 'EINVAL' };
  if (backupPort && ns.links.get(backupPort)?.master !== link.master) return { errno: 'ENOENT' };
  Object.assign(port, settings);
  // Without STP a blocking port is made forwarding at once (br_port_state_selection).
  if (state !== undefined) port.state = state === 'blocking' ? 'forwarding' : state;
  const bridge = ns.links.get(link.master);
  if (flush && bridge) dropLearned(bridge, link.ifindex);
  return null;
}
