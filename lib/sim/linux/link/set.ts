/** Changes to a link: RTM_SETLINK. net/core/rtnetlink.c do_setlink, net/core/dev.c. */
import type { Mac } from '../../addr/mac.ts';
import { kernelBefore } from '../../kernel/release.ts';
import type { World } from '../../kernel/world.ts';
import { addressesFollowLink, loopbackAddresses } from '../addr/follow.ts';
import { flushNeighbours } from '../neigh/flush.ts';
import { nsidOf } from '../netns/nsid.ts';
import { nexthopsOfLinkDown } from '../route/nexthop-objects.ts';
import { routesOfLinkDown } from '../route/sync.ts';
import { renameConf } from '../sysctl/adopt.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import type { Link, NetNs, NlError, OtherLinkData } from '../types.ts';
import { addPort, bridgeOf, recalculateBridge, removePort } from './bridge.ts';
import { setCarrier, updateBridge, updateCarrier } from './carrier.ts';
import { localFdb } from './fdb.ts';
import { findLink, iflink, lowerLink, upperLinks, vethPeer } from './find.ts';
import { kindOf } from './kinds.ts';
import { fireLinkwatch } from './linkwatch.ts';
import { isPassthru } from './macvlan.ts';
import { forgetGroups } from './mdb-ops.ts';
import { moveLink } from './move.ts';
import { notifyLink, notifyUp } from './notify.ts';
import { NAME_MAX, setMtu, validLinkName, validMac } from './ops.ts';
import { vlanOf } from './vlan.ts';

/** What may be changed at once; applied in the kernel's order. */
export interface LinkChange {
  netns?: NetNs;
  mac?: Mac;
  mtu?: number;
  txqlen?: number;
  group?: number;
  name?: string;
  alias?: string;
  /** ifindex of the new master, 0 for none. */
  master?: number;
  up?: boolean;
  promisc?: boolean;
  allmulti?: boolean;
  noarp?: boolean;
  multicastOff?: boolean;
  dynamic?: boolean;
  brd?: Mac;
  linkMode?: 'DEFAULT' | 'DORMANT';
  offload?: Link['offload'];
  /** IN6_ADDR_GEN_MODE_*. */
  addrGenMode?: number;
  /** What only some drivers can do. */
  carrier?: boolean;
  protodown?: boolean;
  vf?: boolean;
  /** `type KIND …` attributes. */
  data?: Record<string, unknown>;
}

/** Applies a change. The first error stops it; what came before stays, as in do_setlink. */
export function setLink(world: World, ns: NetNs, link: Link, change: LinkChange): NlError | null {
  const kind = kindOf(link);
  let at = ns;
  const gro = change.offload?.gro_max_size;
  if (gro !== undefined && gro > GRO_MAX) return { errno: 'EINVAL', extack: 'too big gro_max_size' };
  if (change.netns && change.netns !== ns) {
    const error = moveLink(world, ns, change.netns, link, change.name);
    if (error) return error;
    at = change.netns;
    nsidOf(ns, at.id);
    notifyLink(world, at, link);
  }
  if (change.mac !== undefined) {
    const error = setMac(world, at, link, change.mac);
    if (error) return error;
    notifyLink(world, at, link);
  }
  if (change.mtu !== undefined && change.mtu !== link.mtu) {
    const error = setMtu(world, at, link, kind, change.mtu);
    if (error) return error;
    notifyLink(world, at, link);
    // A vlan cannot be larger than what carries it (vlan_device_event, NETDEV_CHANGEMTU).
    for (const upper of upperLinks(world, at, link)) {
      if ((upper.link.kind === 'vlan' || upper.link.kind === 'macvlan') && upper.link.mtu > link.mtu)
        upper.link.mtu = link.mtu;
      if (upper.link.kind === 'ipvlan') upper.link.mtu = link.mtu;
    }
  }
  const refused = setMisc(world, at, link, change);
  if (refused) return refused;
  if (change.group !== undefined) link.group = change.group;
  if (change.name !== undefined && change.name !== link.name) {
    // Devices that are up can be renamed since Linux 6.2.
    if (link.up && kernelBefore(world, at, 6, 2)) return { errno: 'EBUSY' };
    const error = rename(at, link, change.name);
    if (error) return error;
    notifyLink(world, at, link);
  }
  if (change.alias !== undefined) link.alias = change.alias;
  if (change.txqlen !== undefined) link.txqlen = change.txqlen;
  for (const told of [change.group, change.alias, change.txqlen]) if (told !== undefined) notifyLink(world, at, link);
  if (change.promisc !== undefined && change.promisc !== (link.promiscFlag ?? false)) {
    link.promiscFlag = change.promisc;
    link.promisc += change.promisc ? 1 : -1;
  }
  if (change.allmulti !== undefined) link.allmulti = change.allmulti;
  if (change.noarp !== undefined && change.noarp !== link.noarp) {
    link.noarp = change.noarp;
    flushNeighbours(at, link.ifindex, { keepPermanent: false });
  }
  if (change.multicastOff !== undefined) {
    link.multicastOff = change.multicastOff;
    link.multicastOn = !change.multicastOff;
  }
  for (const told of [change.promisc, change.allmulti, change.noarp, change.multicastOff])
    if (told !== undefined) notifyLink(world, at, link);
  if (change.master !== undefined) {
    const error = setMaster(world, at, link, change.master);
    if (error) return error;
    notifyLink(world, at, link);
  }
  if (change.data) {
    const error = kind.change ? kind.change(world, at, link, change.data) : { errno: 'EOPNOTSUPP' };
    if (error) return error;
    if (link.data.type === 'bridge') updateBridge(world, at, link);
  }
  if (change.up !== undefined && change.up !== link.up)
    return change.up ? bringUp(world, at, link) : bringDown(world, at, link);
  return null;
}

/** 8 * 65535: GRO_MAX_SIZE. */
const GRO_MAX = 8 * 65535;
const STABLE_SECRET = 2;

/** What is only kept and shown, and what most drivers refuse. */
function setMisc(world: World, ns: NetNs, link: Link, change: LinkChange): NlError | null {
  if (change.vf) return { errno: 'EOPNOTSUPP' };
  if (change.carrier !== undefined && link.kind !== 'dummy') return { errno: 'EOPNOTSUPP' };
  if (change.carrier !== undefined) setCarrier(link, change.carrier);
  if (change.protodown !== undefined && link.kind !== 'macvlan' && link.kind !== 'vxlan')
    return { errno: 'EOPNOTSUPP', extack: 'Protodown not supported by device' };
  if (change.protodown !== undefined && change.protodown !== (link.protodown ?? false)) {
    link.protodown = change.protodown;
    updateCarrier(world, ns, link);
  }
  if (change.addrGenMode !== undefined) {
    const conf = `net.ipv6.conf.${link.name}`;
    if (change.addrGenMode === STABLE_SECRET && !ns.sysctl.get(`${conf}.stable_secret`)) return { errno: 'EINVAL' };
    const host = world.hosts.get(ns.host);
    if (host) setSysctl(world, host, ns, `${conf}.addr_gen_mode`, String(change.addrGenMode));
  }
  if (change.brd !== undefined) link.brd = change.brd;
  if (change.dynamic !== undefined) link.dynamic = change.dynamic;
  if (change.linkMode === 'DORMANT') link.linkMode = 'DORMANT';
  else if (change.linkMode) delete link.linkMode;
  if (change.offload) link.offload = { ...link.offload, ...change.offload };
  return null;
}

function setMac(world: World, ns: NetNs, link: Link, mac: Mac): NlError | null {
  if (kindOf(link).linkType === 'loopback') return validMac(mac) ? null : { errno: 'EADDRNOTAVAIL' };
  if (link.kind === 'ipvlan') return { errno: 'EOPNOTSUPP' };
  if (!validMac(mac)) return { errno: 'EADDRNOTAVAIL' };
  const below = isPassthru(link) ? lowerLink(world, ns, link) : null;
  if (below && below.link.mac !== mac) return setMac(world, below.ns, below.link, mac);
  link.macSet = true;
  if (mac === link.mac) return null;
  const old = link.mac;
  link.mac = mac;
  flushNeighbours(ns, link.ifindex, { keepPermanent: false });
  const own = bridgeOf(link);
  if (own) {
    own.fdb = own.fdb.filter((f) => !(f.isLocal && f.port === 0));
    localFdb(link, mac, 0, world.now);
  }
  const bridge = link.port ? ns.links.get(link.master) : undefined;
  const fdb = bridge && bridgeOf(bridge);
  if (bridge && fdb) {
    fdb.fdb = fdb.fdb.filter((f) => !(f.isLocal && f.port === link.ifindex && f.mac === old));
    localFdb(bridge, mac, link.ifindex, world.now);
    recalculateBridge(ns, bridge);
  }
  for (const upper of upperLinks(world, ns, link)) {
    if (upper.link.kind === 'ipvlan' || isPassthru(upper.link)) upper.link.mac = mac;
    // A vlan that is down takes its address when it comes up.
    if (upper.link.kind === 'vlan' && upper.link.up && upper.link.mac === old && !upper.link.macSet)
      followMac(world, upper.ns, upper.link, mac);
  }
  return null;
}

/** A vlan takes over its real device's new address, and those on it take its. */
function followMac(world: World, ns: NetNs, link: Link, mac: Mac): void {
  link.mac = mac;
  for (const upper of upperLinks(world, ns, link))
    if (upper.link.kind === 'vlan' && upper.link.up && !upper.link.macSet) followMac(world, upper.ns, upper.link, mac);
}

function rename(ns: NetNs, link: Link, name: string): NlError | null {
  if (!validLinkName(name)) return { errno: 'EINVAL' };
  if (findLink(ns, name)) return { errno: 'EEXIST' };
  renameConf(ns, link.name, name);
  // inetdev_changename: the first address takes the name, the others keep what follows a colon or get their number.
  const named = link.addrs.filter((a) => typeof a.local === 'number');
  for (const [i, address] of named.entries()) {
    const colon = address.label.indexOf(':');
    const tail = i === 0 ? '' : colon < 0 ? `:${i + 1}` : address.label.slice(colon);
    address.label = name.slice(0, NAME_MAX - tail.length) + tail;
  }
  for (const address of link.addrs) if (typeof address.local === 'bigint') address.label = name;
  link.name = name;
  return null;
}

function setMaster(world: World, ns: NetNs, link: Link, master: number): NlError | null {
  if (link.master === master) return null;
  if (link.master) {
    const old = ns.links.get(link.master);
    if (old?.kind === 'vrf') leaveVrf(world, ns, link);
    else removePort(world, ns, link);
    if (old && bridgeOf(old)) updateBridge(world, ns, old);
  }
  if (!master) return null;
  const to = ns.links.get(master);
  if (!to) return { errno: 'EINVAL' };
  if (to.kind === 'vrf') return joinVrf(world, ns, to, link);
  if (to === link && bridgeOf(to)) return { errno: 'ELOOP', extack: 'Can not enslave a bridge to a bridge' };
  const error = addPort(world, ns, to, link);
  if (!error) updateBridge(world, ns, to);
  return error;
}

/** vrf_add_slave: every route over the device goes, and comes back in the domain's table. */
function joinVrf(world: World, ns: NetNs, to: Link, link: Link): NlError | null {
  if (link.kind === 'loopback') return { errno: 'EOPNOTSUPP', extack: 'Can not enslave loopback device to a VRF' };
  if (link.kind === 'vrf') return { errno: 'EINVAL', extack: 'Can not enslave an L3 master device to a VRF' };
  changeVrf(world, ns, link, to.ifindex);
  return null;
}

/** vrf_del_slave. */
export const leaveVrf = (world: World, ns: NetNs, link: Link): void => changeVrf(world, ns, link, 0);

/** The device is taken down and up again, so that addresses and neighbours move (cycle_netdev). */
function changeVrf(world: World, ns: NetNs, link: Link, master: number): void {
  const up = link.up;
  routesOfLinkDown(ns, link.ifindex, 'unaddressed');
  if (up) bringDown(world, ns, link);
  link.master = master;
  if (up) bringUp(world, ns, link);
}

/** Whether a vlan goes up and down with its real device. */
const bound = (link: Link): boolean => vlanOf(link)?.flags.loose_binding !== true && link.kind === 'vlan';

function bringUp(world: World, ns: NetNs, link: Link): NlError | null {
  // vlan_dev_open refuses while the real device is down.
  const vlan = vlanOf(link);
  const real = vlan && lowerLink(world, ns, link)?.link;
  if (real?.up === false && !vlan?.flags.loose_binding) return { errno: 'ENETDOWN' };
  if (real && !link.macSet) link.mac = real.mac;
  const refused = kindOf(link).open?.(world, ns, link);
  if (refused) return refused;
  const below = ns.links.get(iflink(world, ns, link)?.ifindex ?? 0);
  const lowerDown = below !== undefined && below !== link && !below.carrier;
  link.up = true;
  if (link.kind === 'ipvlan') link.noarp = (link.data as OtherLinkData).mode !== 'l2';
  link.qdisc = link.tc?.root?.kind ?? kindOf(link).qdisc ?? 'noqueue';
  setCarrier(link, !link.protodown && kindOf(link).carrier(world, ns, link));
  link.queuesWait = !link.carrier;
  notifyUp(world, ns, link, lowerDown);
  loopbackAddresses(world, ns, link);
  addressesFollowLink(world, ns, link);
  if (link.carrier) fireLinkwatch(world, ns, link);
  afterStateChange(world, ns, link);
  for (const upper of upperLinks(world, ns, link)) {
    // A vlan goes up and down with its real device (vlan_device_event).
    if (bound(upper.link) && !upper.link.up) bringUp(world, upper.ns, upper.link);
  }
  return null;
}

function bringDown(world: World, ns: NetNs, link: Link): NlError | null {
  for (const upper of upperLinks(world, ns, link)) {
    if (bound(upper.link) && upper.link.up) bringDown(world, upper.ns, upper.link);
  }
  kindOf(link).stop?.(world, ns, link);
  link.up = false;
  const bridge = link.port && ns.links.get(link.master);
  if (bridge) forgetGroups(bridge, link);
  const lost = link.carrier;
  setCarrier(link, false);
  if (lost) fireLinkwatch(world, ns, link);
  notifyLink(world, ns, link);
  flushNeighbours(ns, link.ifindex, { keepPermanent: false });
  nexthopsOfLinkDown(ns, link.ifindex);
  routesOfLinkDown(ns, link.ifindex, 'down');
  afterStateChange(world, ns, link);
  return null;
}

function afterStateChange(world: World, ns: NetNs, link: Link): void {
  if (link.data.type === 'bridge') updateBridge(world, ns, link);
  else updateCarrier(world, ns, link);
  const peer = vethPeer(world, link);
  if (peer) updateCarrier(world, peer.ns, peer.link);
  for (const upper of upperLinks(world, ns, link)) updateCarrier(world, upper.ns, upper.link);
}
