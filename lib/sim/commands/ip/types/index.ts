/** The link kinds `ip` can make and describe. */

import { bridgeType } from './bridge.ts';
import { bridgeSlave } from './bridge-slave.ts';
import { dummyType } from './dummy.ts';
import { geneveType } from './geneve.ts';
import { erspanType, greType, gretapType } from './gre.ts';
import { ifbType } from './ifb.ts';
import { ipipType } from './ipip.ts';
import { ipvlanType } from './ipvlan.ts';
import { macvlanType } from './macvlan.ts';
import { tapType, tunType } from './tun.ts';
import type { LinkType } from './type.ts';
import { vethType } from './veth.ts';
import { vlanType } from './vlan.ts';
import { vrfType } from './vrf.ts';
import { vxlanType } from './vxlan.ts';
import { wireguardType } from './wireguard.ts';

const types = new Map<string, LinkType>(
  [
    vethType,
    bridgeType,
    bridgeSlave,
    vxlanType,
    dummyType,
    ifbType,
    tunType,
    tapType,
    vlanType,
    macvlanType,
    ipvlanType,
    ipipType,
    greType,
    gretapType,
    erspanType,
    vrfType,
    wireguardType,
    geneveType,
  ].map((t) => [t.kind, t]),
);

/** The type of that name, or undefined. */
export const linkType = (kind: string): LinkType | undefined => types.get(kind);

/** Kinds that iproute2 knows and the modelled kernel was built without: it says that it does not know them. */
export const ABSENT_KINDS: ReadonlySet<string> = new Set([
  'amt',
  'bareudp',
  'bond',
  'bond_slave',
  'can',
  'dsa',
  'gtp',
  'hsr',
  'ip6erspan',
  'ip6gre',
  'ip6gretap',
  'ip6tnl',
  'ipoib',
  'ipvtap',
  'lowpan',
  'macsec',
  'netdevsim',
  'nlmon',
  'rmnet',
  'sit',
  'team',
  'team_slave',
  'vcan',
  'vti',
  'vxcan',
  'wwan',
  'xfrm',
  'virt_wifi',
]);

/** Kinds that the kernel has and this model does not. */
export const UNMODELLED_KINDS: ReadonlySet<string> = new Set(['macvtap']);
