/** Nexthop objects: RTM_NEWNEXTHOP and its siblings, net/ipv4/nexthop.c. Routes name them by id. */
import type { Ip } from '../../addr/ip.ts';
import type { NetNs, NextHop, NlError, Route } from '../types.ts';
import { checkNexthop } from './nexthop.ts';
import { SCOPE_UNIVERSE, TABLE_MAIN, tablesOf } from './table.ts';

export interface NexthopObject {
  id: number;
  /** 0 of a group. */
  family: 0 | 4 | 6;
  gateway: Ip | null;
  dev: number;
  onlink: boolean;
  blackhole: boolean;
  proto: number;
  group: { id: number; weight: number }[] | null;
}

interface Store {
  objects: Map<number, NexthopObject>;
  lastId: number;
}

const storeOf = (ns: NetNs): Store =>
  (ns.ext.nexthops ??= { objects: new Map<number, NexthopObject>(), lastId: 0 } satisfies Store) as Store;

/** All of them by id. */
export const nexthopObjects = (ns: NetNs): NexthopObject[] =>
  [...storeOf(ns).objects.values()].sort((a, b) => a.id - b.id);

export const nexthopObject = (ns: NetNs, id: number): NexthopObject | undefined => storeOf(ns).objects.get(id);

const bad = (extack: string): NlError => ({ errno: 'EINVAL', extack });

/** nh_check_attr_group and valid_group_nh. */
function checkGroup(ns: NetNs, group: readonly { id: number }[]): NlError | null {
  for (const [i, member] of group.entries())
    if (group.slice(i + 1).some((m) => m.id === member.id)) return bad('Nexthop id can not be used twice in a group');
  for (const member of group) {
    const nh = nexthopObject(ns, member.id);
    if (!nh) return bad('Invalid nexthop id');
    if (nh.group) return bad('Hash-threshold group can not be a nexthop within a group');
    if (nh.blackhole && group.length > 1)
      return bad('Blackhole nexthop can not be used in a group with more than 1 path');
  }
  return null;
}

/** rtm_to_nh_config and fib_check_nh for a single nexthop. */
function checkSingle(ns: NetNs, nh: NexthopObject): NlError | null {
  if (nh.blackhole) {
    return nh.gateway !== null || nh.dev
      ? bad('Blackhole attribute can not be used with gateway, oif, encap or fdb')
      : null;
  }
  if (nh.gateway === null && !nh.dev) return bad('Invalid address family');
  if (!nh.dev) return bad('Device attribute required for non-blackhole and non-fdb nexthops');
  const link = ns.links.get(nh.dev);
  if (!link) return bad('Invalid device index');
  if (!link.up) return { errno: 'ENETDOWN', extack: 'Nexthop device is not up' };
  if (!link.carrier) return { errno: 'ENETDOWN', extack: 'Carrier for nexthop device is down' };
  return null;
}

/** Whether its gateway can be reached. */
function checkGateway(ns: NetNs, nh: NexthopObject): NlError | null {
  if (nh.group || nh.blackhole) return null;
  const probe = {
    dst: { ip: nh.family === 6 ? 0n : 0, len: 0 },
    scope: SCOPE_UNIVERSE,
    table: TABLE_MAIN,
  } as Route;
  const made = checkNexthop(ns, probe, { gateway: nh.gateway, dev: nh.dev, onlink: nh.onlink });
  return 'errno' in made ? made : null;
}

function freeId(store: Store): number {
  let id = store.lastId + 1;
  while (store.objects.has(id)) id++;
  store.lastId = id;
  return id;
}

/** Adds one, or changes it with `replace`: routes by it follow. Answers the object, or the kernel's refusal. */
export function addNexthop(ns: NetNs, asked: NexthopObject, replace: boolean): NexthopObject | NlError {
  const store = storeOf(ns);
  const refused = asked.group ? checkGroup(ns, asked.group) : checkSingle(ns, asked);
  if (refused) return refused;
  const old = asked.id ? store.objects.get(asked.id) : undefined;
  if (old && !replace) return { errno: 'EEXIST' };
  if (old && !old.group !== !asked.group) {
    return bad(
      asked.group
        ? 'Can not replace a nexthop with a nexthop group.'
        : 'Can not replace a nexthop group with a nexthop.',
    );
  }
  const unreachable = checkGateway(ns, asked);
  if (unreachable) return unreachable;
  const nh = { ...asked, id: asked.id || freeId(store) };
  store.objects.set(nh.id, nh);
  refreshRoutes(ns);
  return nh;
}

/** What a deletion did to an object: took it away, or a member out of its group. */
export interface NexthopChange {
  nh: NexthopObject;
  deleted: boolean;
}

/**
 * Takes one away, out of the groups it is in, and with the routes by it. Answers what went and what changed, in the
 * order that the kernel tells of it: the newest group first (remove_nexthop_from_groups, net/ipv4/nexthop.c).
 */
export function deleteNexthop(ns: NetNs, id: number): NexthopChange[] {
  const store = storeOf(ns);
  const nh = store.objects.get(id);
  if (!nh) return [];
  store.objects.delete(id);
  const changes: NexthopChange[] = [{ nh, deleted: true }];
  for (const other of [...store.objects.values()].reverse()) {
    if (!other.group?.some((m) => m.id === id)) continue;
    // remove_nh_grp_entry: the last member stays visible in a group that goes with it
    if (other.group.length === 1) {
      changes.push(...deleteNexthop(ns, other.id));
    } else {
      other.group = other.group.filter((m) => m.id !== id);
      changes.push({ nh: other, deleted: false });
    }
  }
  refreshRoutes(ns);
  return changes;
}

/** nexthop_flush_dev: a device that goes down takes its nexthops along. */
export function nexthopsOfLinkDown(ns: NetNs, ifindex: number): void {
  if (ns.ext.nexthops === undefined) return;
  for (const nh of nexthopObjects(ns)) if (nh.dev === ifindex) deleteNexthop(ns, nh.id);
}

/** The ways out that an object stands for; null for a blackhole. */
export function waysOf(ns: NetNs, nh: NexthopObject): NextHop[] | null {
  if (nh.group) {
    return nh.group.flatMap(({ id, weight }) => {
      const member = nexthopObject(ns, id);
      return (member && waysOf(ns, member)?.map((way) => ({ ...way, weight }))) || [];
    });
  }
  if (nh.blackhole) return null;
  const link = ns.links.get(nh.dev);
  return [
    {
      gateway: nh.gateway,
      dev: nh.dev,
      weight: 1,
      onlink: nh.onlink,
      dead: false,
      linkdown: link ? link.up && !link.carrier : false,
    },
  ];
}

/** Gives the routes of objects the ways that these stand for now; routes whose object is gone go. */
function refreshRoutes(ns: NetNs): void {
  for (const family of [4, 6] as const) {
    const tables = tablesOf(ns, family);
    for (const [id, routes] of tables) {
      if (!routes.some((r) => r.metrics.nhid !== undefined)) continue;
      tables.set(
        id,
        routes.flatMap((r) => {
          if (r.metrics.nhid === undefined) return [r];
          const nh = nexthopObject(ns, r.metrics.nhid);
          const ways = nh && waysOf(ns, nh);
          if (!nh || ways?.length === 0) return [];
          const type = ways ? (r.type === 'blackhole' ? ('unicast' as const) : r.type) : ('blackhole' as const);
          return [{ ...r, type, nexthops: ways ?? [] }];
        }),
      );
    }
  }
}
