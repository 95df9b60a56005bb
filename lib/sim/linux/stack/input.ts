/** Received frames: netif_receive_skb() up to the network protocols. Source: net/core/dev.c. */
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import { tcHook } from '../tc/run.ts';
import type { Link, NetNs } from '../types.ts';
import { arpReceive } from './arp.ts';
import { bridgeReceive } from './bridge.ts';
import { packetType, tap } from './capture.ts';
import { drop } from './drop.ts';
import { ipReceive } from './ip-input.ts';
import { stackedReceive } from './stacked.ts';
import { countRx } from './stats.ts';
import { xmit } from './xmit.ts';

const RX = stepKind((dev: string) => ({ kind: 'rx', dev }));

export interface ReceiveOptions {
  /** Its device has counted it already. */
  counted?: boolean;
  /** br_netfilter has run PREROUTING. */
  prerouted?: boolean;
  /** The device below had it addressed to itself: PACKET_HOST stays. */
  mine?: boolean;
}

/** A frame has come in by `link`. */
export function netifReceive(world: World, ns: NetNs, link: Link, packet: Packet, opts: ReceiveOptions = {}): void {
  if (!link.up) {
    link.stats.rxDropped++;
    drop(world, ns, packet, 'DEV_READY', () => `${link.name} is down`);
    return;
  }
  if (packet.redirected?.resumed) {
    // It comes back from an ifb: counted, captured and filtered already (skb->tc_skip_classify).
    packet.redirected = undefined;
    deliver(world, ns, link, packet, packetType(link, packet), opts);
    return;
  }
  if (!opts.counted) countRx(link, packet);
  const type = opts.mine ? 'in' : packetType(link, packet);
  if (type === 'multicast') link.stats.multicast++;
  if (!world.trace.off) note(world, ns, packet, RX, link.name);
  tap(world, ns, link, packet, type);
  packet.iif = link.ifindex;
  packet.sdif = undefined;
  if (link.tc && !tcHook(world, ns, link, link.tc, packet, true, xmit)) return;
  if (!runFrameHook(world, ns, 'netdev', 'INGRESS', packet, link, null)) return;
  deliver(world, ns, link, packet, type, opts);
}

/** What follows the filters of the device: the bridge, devices on top, the protocols. */
function deliver(
  world: World,
  ns: NetNs,
  link: Link,
  packet: Packet,
  type: ReturnType<typeof packetType>,
  opts: ReceiveOptions,
): void {
  if (link.port) {
    const master = ns.links.get(link.master);
    if (master) bridgeReceive(world, ns, master, link, packet);
    return;
  }
  if (stackedReceive(world, ns, link, packet, type === 'in')) return;
  if (packet.eth?.vlan !== undefined) {
    drop(world, ns, packet, 'UNHANDLED_PROTO', () => `no VLAN device for tag ${packet.eth?.vlan} on ${link.name}`);
    return;
  }
  if (packet.arp) arpReceive(world, ns, link, packet);
  else if (packet.ip) {
    if (type === 'other') {
      drop(world, ns, packet, 'OTHERHOST', () => `the frame is for another MAC address than ${link.name}'s`);
      return;
    }
    ipReceive(world, ns, link, packet, opts.prerouted === true, type !== 'in');
  } else drop(world, ns, packet, 'UNHANDLED_PROTO', () => 'no protocol takes this frame');
}
