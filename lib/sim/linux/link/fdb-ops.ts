/** FDB entries as netlink changes them: br_fdb_add, br_fdb_delete, vxlan_fdb_add. net/bridge/br_fdb.c, drivers/net/vxlan/. */
import type { Ip } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import type { BridgeData, FdbEntry, Link, NetNs, NlError, VxlanData } from '../types.ts';

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

const bridgeFor = (ns: NetNs, link: Link, request: FdbRequest): Link | null => {
  if (request.master) return (link.port && ns.links.get(link.master)) || null;
  return link.data.type === 'bridge' ? link : null;
};

/** Adds an entry. EEXIST with `add`, EOPNOTSUPP where there is no such table, EINVAL without what a vxlan needs. */
export function addFdb(world: World, ns: NetNs, link: Link, request: FdbRequest): NlError | null {
  if (!request.master && link.data.type === 'vxlan') return addVxlan(world, link, request);
  const bridge = bridgeFor(ns, link, request);
  if (!bridge) return { errno: 'EOPNOTSUPP' };
  const data = bridge.data as BridgeData;
  const port = bridge === link ? 0 : link.ifindex;
  if (port === 0 && request.state !== 'permanent')
    return { errno: 'EINVAL', extack: 'bridge: RTM_NEWNEIGH with invalid state 0x0' };
  const old = data.fdb.find((f) => f.mac === request.mac && f.vlan === request.vlan);
  if (old && request.mode === 'add') return { errno: 'EEXIST' };
  const vlans = request.vlan === 0 && data.vlanFiltering ? (link.port?.vlans ?? []).map((v) => v.vid) : [];
  for (const vlan of [request.vlan, ...vlans]) {
    const known = data.fdb.find((f) => f.mac === request.mac && f.vlan === vlan);
    const fields = {
      port,
      isLocal: request.state === 'permanent',
      isStatic: request.state !== 'dynamic',
      flags: request.flags.filter((f) => f !== 'use'),
      updated: world.now,
      used: world.now,
    };
    if (known) Object.assign(known, fields);
    else data.fdb.unshift({ mac: request.mac, vlan, ...fields });
  }
  return null;
}

function addVxlan(world: World, link: Link, request: FdbRequest): NlError | null {
  const data = link.data as VxlanData;
  if (request.dst === undefined) return { errno: 'EINVAL', extack: 'Missing destination' };
  if (data.local !== null && typeof data.local !== typeof request.dst) return { errno: 'EAFNOSUPPORT' };
  const same = data.fdb.filter((f) => f.mac === request.mac);
  const twin = same.find(
    (f) =>
      f.dst === request.dst &&
      (f.dstPort ?? data.dstPort) === (request.port ?? data.dstPort) &&
      (f.vni ?? data.vni) === (request.vni ?? data.vni),
  );
  const multi = request.mac === 0 || Math.floor(request.mac / 2 ** 40) % 2 === 1;
  if (request.mode === 'add' && same.length > 0) return { errno: 'EEXIST' };
  if (request.mode === 'append' && !multi && same.length > 0 && !twin) return { errno: 'EOPNOTSUPP' };
  if (request.mode === 'append' && twin) return null;
  const entry: FdbEntry = {
    mac: request.mac,
    port: link.ifindex,
    vlan: 0,
    dst: request.dst,
    isLocal: false,
    isStatic: request.state === 'permanent',
    flags: request.flags,
    updated: world.now,
    used: world.now,
  };
  if (request.port !== undefined) entry.dstPort = request.port;
  if (request.vni !== undefined) entry.vni = request.vni;
  if (request.via !== undefined) entry.via = request.via;
  if (request.mode === 'replace' && !multi) data.fdb = data.fdb.filter((f) => f.mac !== request.mac);
  else if (request.mode === 'replace' && twin) data.fdb = data.fdb.filter((f) => f !== twin);
  data.fdb.push(entry);
  return null;
}

/** Removes an entry. ENOENT when there is none. */
export function deleteFdb(ns: NetNs, link: Link, request: FdbRequest): NlError | null {
  if (!request.master && link.data.type === 'vxlan') {
    const data = link.data as VxlanData;
    const kept = data.fdb.filter((f) => f.mac !== request.mac || (request.dst !== undefined && f.dst !== request.dst));
    if (kept.length === data.fdb.length) return { errno: 'ENOENT' };
    data.fdb = kept;
    return null;
  }
  const bridge = bridgeFor(ns, link, request);
  if (!bridge) return { errno: 'EOPNOTSUPP' };
  const data = bridge.data as BridgeData;
  const port = bridge === link ? 0 : link.ifindex;
  const kept = data.fdb.filter(
    (f) => f.mac !== request.mac || f.port !== port || (request.vlan !== 0 && f.vlan !== request.vlan),
  );
  if (kept.length === data.fdb.length) return { errno: 'ENOENT' };
  data.fdb = kept;
  return null;
}
