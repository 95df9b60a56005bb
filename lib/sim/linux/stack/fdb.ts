/** Looking up and learning MAC addresses: br_fdb_find, br_fdb_update, vxlan_snoop. */
import type { Ip } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import { isGroupMac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import type { BridgeData, FdbEntry, Link, VxlanData } from '../types.ts';

/** Hundredths of a second to microseconds. */
const CENTI = 10_000;

const aged = (world: World, entry: FdbEntry, lifetime: number): boolean =>
  !entry.isStatic && !entry.isLocal && entry.updated + lifetime <= world.now;

/** The entry for an address (and VLAN) on a bridge, or undefined. Aged entries leave when they are met. */
export function findFdb(world: World, bridge: BridgeData, mac: Mac, vlan: number): FdbEntry | undefined {
  const { fdb } = bridge;
  for (let at = 0; at < fdb.length; at++) {
    const entry = fdb[at] as FdbEntry;
    if (entry.mac !== mac || entry.vlan !== vlan) continue;
    if (!aged(world, entry, bridge.ageingTime * CENTI)) return entry;
    fdb.splice(at, 1);
    return undefined;
  }
  return undefined;
}

/** Notes that `mac` lives behind `port`, unless it is an address of the bridge's own or pinned to another port. */
export function learnFdb(world: World, bridge: BridgeData, port: Link, mac: Mac, vlan: number): void {
  if (mac === 0 || isGroupMac(mac)) return;
  const entry = findFdb(world, bridge, mac, vlan);
  if (!entry) {
    bridge.fdb.unshift({
      mac,
      port: port.ifindex,
      vlan,
      isLocal: false,
      isStatic: false,
      flags: [],
      updated: world.now,
      used: world.now,
    });
    return;
  }
  if (entry.isLocal || (entry.isStatic && entry.port !== port.ifindex)) return;
  entry.port = port.ifindex;
  entry.updated = world.now;
}

/** Destinations of a MAC address on a VXLAN device, in the order they were added; empty when it is unknown. */
export function vxlanDestinations(world: World, data: VxlanData, mac: Mac): FdbEntry[] {
  const found: FdbEntry[] = [];
  for (let i = data.fdb.length - 1; i >= 0; i--) {
    const entry = data.fdb[i] as FdbEntry;
    if (entry.mac !== mac) continue;
    if (aged(world, entry, vxlanAgeing(data))) data.fdb.splice(i, 1);
    else found.push(entry);
  }
  return found.length > 1 ? found.reverse() : found;
}

const vxlanAgeing = (data: VxlanData): number => (typeof data.opts.ageing === 'number' ? data.opts.ageing : 300) * 1e6;

/** Notes that the inner address `mac` was sent by the VTEP `from`: vxlan_snoop(). False drops a frame of a pinned address. */
export function learnVxlan(world: World, link: Link, mac: Mac, from: Ip): boolean {
  const data = link.data as VxlanData;
  const entry = data.fdb.find((f) => f.mac === mac);
  if (!entry) {
    data.fdb.unshift({
      mac,
      port: link.ifindex,
      vlan: 0,
      dst: from,
      isLocal: false,
      isStatic: false,
      flags: [],
      updated: world.now,
      used: world.now,
    });
    return true;
  }
  if (entry.dst === from) {
    entry.updated = world.now;
    return true;
  }
  // Permanent entries do not move, nor do those somebody added by hand as static.
  if (entry.isStatic || entry.isLocal) return false;
  entry.dst = from;
  entry.updated = world.now;
  return true;
}
