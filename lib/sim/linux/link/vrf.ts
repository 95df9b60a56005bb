/** Virtual routing domains: drivers/net/vrf.c, net/l3mdev/l3mdev.c. */
import { tablesOf } from '../route/table.ts';
import { addRule, emptyRule } from '../rule/ops.ts';
import type { Link, NetNs } from '../types.ts';
import { defineLinkKind } from './kind.ts';

/** IP6_MAX_MTU. */
const MAX_MTU = 65_575;
const RULE_PRIORITY = 1000;

/** The routing domain a device is in: itself when it is one, the one it is enslaved to, or undefined. */
export function l3master(ns: NetNs, link: Link | undefined): Link | undefined {
  if (!link) return undefined;
  if (link.kind === 'vrf') return link;
  if (link.master === 0) return undefined;
  const master = ns.links.get(link.master);
  return master?.kind === 'vrf' ? master : undefined;
}

/** Whether a device is enslaved to a routing domain: netif_is_l3_slave. */
export const l3slave = (ns: NetNs, link: Link): boolean => link.kind !== 'vrf' && l3master(ns, link) !== undefined;

/** The table of a device's routing domain, 0 outside of any: l3mdev_fib_table. */
export const l3table = (ns: NetNs, link: Link | undefined): number =>
  (l3master(ns, link)?.data as { table?: number } | undefined)?.table ?? 0;

export const vrf = defineLinkKind({
  kind: 'vrf',
  linkType: 'ether',
  flags: ['MASTER'],
  noarp: true,
  mtu: MAX_MTU,
  minMtu: 1280,
  maxMtu: MAX_MTU,
  queues: 1,
  tsoMax: 65_536,
  nameTemplate: 'vrf',
  watched: true,
  movable: false,
  carrier: () => true,
  create: (_world, _ns, spec) => {
    const table = spec.data?.table as number | undefined;
    if (table === undefined) return { errno: 'EINVAL', extack: 'VRF table id is missing' };
    if (table === 0) return { errno: 'EINVAL', extack: 'Invalid VRF table id' };
    return { data: { type: 'vrf', table } };
  },
  // The first one of a namespace makes the rule that looks into the tables of all (vrf_add_fib_rules).
  registered: (_world, ns, link) => {
    const { table } = link.data as unknown as { table: number };
    for (const family of [4, 6] as const) if (!tablesOf(ns, family).has(table)) tablesOf(ns, family).set(table, []);
    if (ns.ext.vrfRules) return null;
    ns.ext.vrfRules = true;
    for (const family of [4, 6] as const)
      addRule(ns, family, { ...emptyRule(), table: 0, l3mdev: true, priority: RULE_PRIORITY, proto: 2 });
    return null;
  },
});
