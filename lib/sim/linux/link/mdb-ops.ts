/** Multicast groups of a bridge as netlink changes them: br_mdb_add and br_mdb_del, net/bridge/br_mdb.c. */
import type { Ip } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import { kernelBefore } from '../../kernel/release.ts';
import type { World } from '../../kernel/world.ts';
import { isGroup } from '../proc/mcast.ts';
import type { BridgeData, Link, MdbEntry, NetNs, NlError } from '../types.ts';

export interface MdbRequest {
  group: Ip | { mac: Mac };
  source?: Ip;
  vlan: number;
  permanent: boolean;
}

const sameGroup = (a: MdbEntry['group'], b: MdbEntry['group']): boolean =>
  typeof a === 'object' && typeof b === 'object' ? a.mac === b.mac : a === b;
const sameKey = (e: MdbEntry, r: MdbRequest): boolean =>
  sameGroup(e.group, r.group) && e.source === r.source && e.vlan === r.vlan;

/** rtnl_validate_mdb_entry: what is no group, or one that never leaves its link. */
function refusal(group: MdbEntry['group']): string | null {
  if (typeof group === 'object') return isGroup(group.mac) ? null : 'L2 entry group is not multicast';
  if (typeof group === 'bigint') {
    if (group === 0xff02_0000_0000_0000_0000_0000_0000_0001n) return 'IPv6 entry group address is link-local all nodes';
    return group >> 120n === 0xffn || group === 0n ? null : 'IPv6 entry group address is not multicast or ::';
  }
  if (group !== 0 && group >>> 28 !== 0xe) return 'IPv4 entry group address is not multicast or 0.0.0.0';
  return group >>> 8 === 0xe00000 ? 'IPv4 entry group address is local multicast' : null;
}

/** The groups that still hold, the newest first. */
export function mdbOf(world: World, bridge: Link): MdbEntry[] {
  const data = bridge.data as BridgeData;
  if (data.mdb.some((e) => !e.permanent && e.until <= world.now))
    data.mdb = data.mdb.filter((e) => e.permanent || e.until > world.now);
  return data.mdb;
}

/** A port that goes down forgets the groups it was not given for good: br_multicast_disable_port. */
export function forgetGroups(bridge: Link, port: Link): void {
  if (bridge.data.type !== 'bridge') return;
  const data = bridge.data as BridgeData;
  if (data.mdb.some((e) => !e.permanent && e.port === port.ifindex))
    data.mdb = data.mdb.filter((e) => e.permanent || e.port !== port.ifindex);
}

/** Until Linux 6.4 the bridge itself checks an entry, in its own name and with fewer words. */
function refusalOf(world: World, ns: NetNs, group: MdbEntry['group']): NlError | null {
  const bad = refusal(group);
  if (!bad) return null;
  const old = kernelBefore(world, ns, 6, 4);
  return { errno: 'EINVAL', extack: old ? `bridge: ${bad.replace(/ or (0\.0\.0\.0|::)$/, '')}` : bad };
}

/** Adds a group for a port, or for the bridge's own host where `port` is the bridge. */
export function addMdb(world: World, ns: NetNs, bridge: Link, port: Link, request: MdbRequest): NlError | null {
  const bad = refusalOf(world, ns, request.group);
  if (bad) return bad;
  if (bridge.data.type !== 'bridge') return { errno: 'EOPNOTSUPP', extack: 'Device does not support MDB operations' };
  const data = bridge.data as BridgeData;
  if (!bridge.up || !data.mcastSnooping)
    return {
      errno: 'EINVAL',
      extack: `bridge: ${bridge.up ? "Bridge's multicast processing is disabled" : 'Bridge device is not running'}`,
    };
  const host = port === bridge;
  if (host && request.permanent) return { errno: 'EINVAL', extack: 'bridge: Flags are not allowed for host groups' };
  if (!host && (!port.port || port.master !== bridge.ifindex))
    return {
      errno: 'EINVAL',
      extack: port.port
        ? 'bridge: Port belongs to a different bridge device'
        : 'bridge: Net device is not a bridge port',
    };
  const at = host ? 0 : port.ifindex;
  const list = mdbOf(world, bridge);
  const kind = request.source === undefined ? '(*, G)' : '(S, G)';
  const joined = kernelBefore(world, ns, 6, 4) ? 'Group' : `${kind} group`;
  if (list.some((e) => sameKey(e, request) && e.port === at))
    return {
      errno: 'EEXIST',
      extack: host ? 'bridge: Group is already joined by host' : `bridge: ${joined} is already joined by port`,
    };
  const entry: MdbEntry = {
    ...request,
    port: at,
    until: world.now + (data.opts.mcast_membership_interval ?? 26000) * 10_000,
  };
  // A new group stands first; within a group the host comes before the ports.
  const first = list.findIndex((e) => sameKey(e, request));
  if (first < 0) list.unshift(entry);
  else {
    const rank = list.findIndex((e, i) => i >= first && (!sameKey(e, request) || e.port > at));
    list.splice(rank < 0 ? list.length : rank, 0, entry);
  }
  return null;
}

export function deleteMdb(world: World, ns: NetNs, bridge: Link, port: Link, request: MdbRequest): NlError | null {
  const bad = refusalOf(world, ns, request.group);
  if (bad) return bad;
  if (bridge.data.type !== 'bridge') return { errno: 'EOPNOTSUPP', extack: 'Device does not support MDB operations' };
  const at = port === bridge ? 0 : port.ifindex;
  const list = mdbOf(world, bridge);
  const index = list.findIndex((e) => sameKey(e, request) && e.port === at);
  if (index < 0) return { errno: 'EINVAL' };
  list.splice(index, 1);
  return null;
}
