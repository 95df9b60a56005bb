/** Which multicast groups a device hears: ip_check_mc_rcu(), ipv6_chk_mcast_addr(). */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { kindOf } from '../link/kinds.ts';
import { multicastList } from '../proc/mcast.ts';
import type { Link, NetNs, VxlanData } from '../types.ts';

/** The Ethernet address of a group: RFC 1112 §6.4, RFC 2464 §7. */
const groupMac = (group: Ip): number =>
  typeof group === 'bigint' ? 0x333300000000 + Number(group & 0xffffffffn) : 0x01005e000000 + (group & 0x7fffff);

/** Whether somebody on this host has joined `group` on `link`: the host itself, or a VXLAN device over it. */
export function hearsGroup(world: World, ns: NetNs, link: Link, group: Ip): boolean {
  if (kindOf(link).linkType !== 'ether') return true;
  if (multicastList(world, ns, link).includes(groupMac(group))) return true;
  return [...ns.links.values()].some(
    (other) => other.data.type === 'vxlan' && (other.data as VxlanData).group === group && other.up,
  );
}
