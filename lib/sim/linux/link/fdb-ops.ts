/**
 * FDB entries as netlink changes them: rtnl_fdb_add and rtnl_fdb_del with what bridges,
 * VXLANs and other devices do for them. net/core/rtnetlink.c, net/bridge/br_fdb.c, drivers/net/vxlan/.
 */
import type { Ip } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { isGroup } from '../proc/mcast.ts';
import type { BridgeData, FdbEntry, Link, NetNs, NlError, VxlanData } from '../types.ts';
import { kindOf } from './kinds.ts';

export interface FdbRequest {
  mode: 'add' | 'append' | 'replace';
  mac: Mac;
  self: boolean;
  /** To the bridge that the device is a port of. */
  master: boolean;
  state: 'permanent' | 'static' | 'dynamic';
  flags: string[];
  vlan: number;
  dst?: Ip;
  port?: number;
  vni?: number;
  via?: number;
}

/** The table of a bridge or vxlan device, or null. */
export function fdbOf(link: Link): FdbEntry[] | null {
  return link.data.type === 'bridge' || link.data.type === 'vxlan' ? (link.data as BridgeData | VxlanData).fdb : null;
}

/** Adds an entry: to the bridge of the port with `master`, then to the device itself with `self`. */
export function addFdb(world: World, ns: NetNs, link: Link, request: FdbRequest): NlError | null {
  if (kindOf(link).linkType !== 'ether')
    return { errno: 'EINVAL', extack: 'FDB add only supported for Ethernet devices' };
  if (request.master) {
    const bridge = link.port && ns.links.get(link.master);
    if (!bridge) return { errno: 'EOPNOTSUPP' };
    const error = addToBridge(world, bridge, link, request);
    if (error || !request.self) return error;
  }
  if (link.data.type === 'vxlan') return addVxlan(world, link, request);
  if (link.data.type === 'bridge') return addToBridge(world, link, null, request);
  return addAddress(link, request);
}

/** br_fdb_add. `port` is null for the bridge's own addresses. */
function addToBridge(world: World, bridge: Link, port: Link | null, request: FdbRequest): NlError | null {
  const data = bridge.data as BridgeData;
  const use = request.flags.includes('use');
  const learned = request.flags.includes('extern_learn');
  const sticky = request.flags.includes('sticky');
  const permanent = request.state === 'permanent';
  if (request.mac === 0) return { errno: 'EINVAL' };
  if (!port && (use || !permanent)) return { errno: 'EINVAL' };
  if (sticky && !use && !learned && permanent) return { errno: 'EINVAL' };
  const old = data.fdb.find((f) => f.mac === request.mac && f.vlan === request.vlan);
  if (old && request.mode === 'add' && !use && !learned) return { errno: 'EEXIST' };
  const vlans = request.vlan === 0 && data.vlanFiltering ? (port?.port?.vlans ?? []).map((v) => v.vid) : [];
  // What is learned, in use or from outside, is never local to a port.
  const dynamic = port !== null && (use || learned);
  const fields = {
    port: port?.ifindex ?? 0,
    isLocal: permanent && !dynamic,
    isStatic: request.state !== 'dynamic' && !dynamic,
    flags: request.flags.filter((f) => f !== 'use' && f !== 'router'),
    updated: world.now,
    used: world.now,
  };
  for (const vlan of [request.vlan, ...vlans]) {
    const known = data.fdb.find((f) => f.mac === request.mac && f.vlan === vlan);
    if (known) Object.assign(known, fields);
    else data.fdb.unshift({ mac: request.mac, vlan, ...fields });
  }
  return null;
}

/** ndo_dflt_fdb_add: an address that the device takes frames for, beside its own. */
function addAddress(link: Link, { mac, mode, state, vlan }: FdbRequest): NlError | null {
  if (link.data.type === 'macvlan' && link.data.mode !== 'passthru' && !isGroup(mac)) return { errno: 'EOPNOTSUPP' };
  if (link.data.type === 'macvlan' && mode === 'replace') return { errno: 'EOPNOTSUPP' };
  if (state !== 'permanent') return { errno: 'EINVAL' };
  if (vlan) return { errno: 'EINVAL' };
  const known = link.extraMacs?.includes(mac) ?? false;
  if (known) return mode === 'add' && !isGroup(mac) ? { errno: 'EEXIST' } : null;
  link.extraMacs = [...(link.extraMacs ?? []), mac];
  return null;
}

function addVxlan(world: World, link: Link, request: FdbRequest): NlError | null {
  const data = link.data as VxlanData;
  if (request.dst === undefined) return { errno: 'EINVAL' };
  if (data.local !== null && typeof data.local !== typeof request.dst) return { errno: 'EAFNOSUPPORT' };
  const same = data.fdb.filter((f) => f.mac === request.mac);
  const group = request.mac === 0 || isGroup(request.mac);
  if (request.mode === 'add' && same.length > 0) return { errno: 'EEXIST' };
  if (request.mode === 'replace' && group && same.length > 0)
    return { errno: 'EOPNOTSUPP', extack: 'Cannot replace non-unicast fdb entries' };
  const settings = {
    isStatic: request.state !== 'dynamic',
    isLocal: request.state === 'permanent',
    updated: world.now,
    used: world.now,
  };
  for (const entry of same) Object.assign(entry, settings, { flags: request.flags });
  const twin = same.find((f) => f.dst === request.dst && sameRemote(data, f, request));
  if (request.mode === 'append' && same.length > 0 && (twin || !group)) return null;
  const entry: FdbEntry = {
    mac: request.mac,
    port: link.ifindex,
    vlan: 0,
    dst: request.dst,
    ...settings,
    flags: request.flags,
  };
  if (request.port !== undefined) entry.dstPort = request.port;
  if (request.vni !== undefined) entry.vni = request.vni;
  if (request.via !== undefined) entry.via = request.via;
  // Newest addresses first (fdb_list), the remotes of one in the order they came.
  const last = data.fdb.findLastIndex((f) => f.mac === request.mac);
  if (last < 0) data.fdb.unshift(entry);
  else data.fdb.splice(last + 1, 0, entry);
  if (request.mode === 'replace') data.fdb = data.fdb.filter((f) => f === entry || f.mac !== request.mac);
  return null;
}

/** vxlan_fdb_find_rdst: port, network and device of a remote, where its address is the same. */
const sameRemote = (data: VxlanData, entry: FdbEntry, request: FdbRequest): boolean =>
  (entry.dstPort ?? data.dstPort) === (request.port ?? data.dstPort) &&
  (entry.vni ?? data.vni) === (request.vni ?? data.vni) &&
  (entry.via ?? 0) === (request.via ?? 0);

/** Removes an entry. ENOENT when there is none. */
export function deleteFdb(ns: NetNs, link: Link, request: FdbRequest): NlError | null {
  if (kindOf(link).linkType !== 'ether')
    return { errno: 'EINVAL', extack: 'FDB delete only supported for Ethernet devices' };
  if (request.master) {
    const bridge = link.port && ns.links.get(link.master);
    if (!bridge) return { errno: 'EOPNOTSUPP' };
    const error = deleteFromBridge(bridge, link.ifindex, request);
    if (error || !request.self) return error;
  }
  if (link.data.type === 'vxlan') return deleteVxlan(link, request);
  if (link.data.type === 'bridge') return deleteFromBridge(link, 0, request);
  if (request.state !== 'permanent') return { errno: 'EINVAL' };
  const kept = (link.extraMacs ?? []).filter((mac) => mac !== request.mac);
  if (kept.length === (link.extraMacs ?? []).length) return { errno: 'ENOENT' };
  link.extraMacs = kept;
  return null;
}

/** vxlan_fdb_delete: a remote that the address does not have is no error. */
function deleteVxlan(link: Link, request: FdbRequest): NlError | null {
  const data = link.data as VxlanData;
  if (!data.fdb.some((f) => f.mac === request.mac)) return { errno: 'ENOENT' };
  const { dst } = request;
  data.fdb = data.fdb.filter(
    (f) => f.mac !== request.mac || (dst !== undefined && (f.dst !== dst || !sameRemote(data, f, request))),
  );
  return null;
}

function deleteFromBridge(bridge: Link, port: number, request: FdbRequest): NlError | null {
  const data = bridge.data as BridgeData;
  const kept = data.fdb.filter(
    (f) => f.mac !== request.mac || f.port !== port || (request.vlan !== 0 && f.vlan !== request.vlan),
  );
  if (kept.length === data.fdb.length) return { errno: 'ENOENT' };
  data.fdb = kept;
  return null;
}

/** Which entries a flush takes: `null` is either. */
export interface FdbFlush {
  port: number | null;
  vlan: number;
  local: boolean | null;
  fixed: boolean | null;
  flags: Record<string, boolean>;
}

/** br_fdb_delete_bulk and vxlan_fdb_delete_bulk: every entry that fits goes, the bridge's own too. */
export function flushFdb(link: Link, what: FdbFlush): NlError | null {
  const table = fdbOf(link);
  if (!table) return { errno: 'EOPNOTSUPP' };
  const fits = (f: FdbEntry) =>
    (what.port === null || f.port === what.port) &&
    (what.vlan === 0 || f.vlan === what.vlan) &&
    (what.local === null || f.isLocal === what.local) &&
    (what.fixed === null || f.isStatic === what.fixed) &&
    Object.entries(what.flags).every(([flag, wanted]) => f.flags.includes(flag) === wanted);
  (link.data as BridgeData | VxlanData).fdb = table.filter((f) => !fits(f));
  return null;
}
