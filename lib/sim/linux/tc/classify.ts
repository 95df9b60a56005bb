/** Filters and their actions: tcf_classify(), net/sched/cls_u32.c, act_mirred.c, act_gact.c. */
import type { World } from '../../kernel/world.ts';
import { linkBytes, packetBytes } from '../../packet/bytes.ts';
import { clonePacket, ETH_ARP, ETH_IP, ETH_IP6, frameLength, type Packet } from '../../packet/packet.ts';
import { packetType } from '../stack/capture.ts';
import { queueRx } from '../stack/softirq.ts';
import type { Link, NetNs } from '../types.ts';
import type { TcAction, TcFilter, TcProto } from './types.ts';

/** ETH_P_ALL. */
export const ALL_PROTOCOLS = 3;

export type Send = (world: World, ns: NetNs, link: Link, packet: Packet) => string | null;

/** What filters say: the class of the first that matched, and what becomes of the packet. */
export interface Verdict {
  classid?: number;
  end: 'go' | 'shot' | 'stolen';
}

const protocolOf = (p: Packet): number =>
  p.arp ? ETH_ARP : p.ip ? (typeof p.ip.src === 'bigint' ? ETH_IP6 : ETH_IP) : (p.eth?.type ?? 0);

/** Whether all keys of a u32 filter match; one beyond the packet's end does not. */
function u32Matches(filter: TcFilter, packet: Packet): boolean {
  if (filter.keys.every((k) => k.mask === 0)) return true;
  const head = linkBytes(packet);
  const bytes = head + packetBytes(packet, false);
  return filter.keys.every(({ val, mask, off }) => {
    const at = head.length + off;
    if (at < 0 || at + 4 > bytes.length) return false;
    let word = 0;
    for (let i = 0; i < 4; i++) word = word * 256 + bytes.charCodeAt(at + i);
    return ((word ^ val) & mask) === 0;
  });
}

/** tcf_mirred_act(): gives the packet, or a copy, to another device. */
function mirred(world: World, ns: NetNs, link: Link, packet: Packet, action: TcAction, at: Place): Verdict['end'] {
  const to = action.dev ? ns.links.get(action.dev) : undefined;
  if (!to?.up || !to.carrier) {
    action.overlimits++;
    return action.mirror ? 'go' : 'shot';
  }
  const one = action.mirror ? clonePacket(packet) : packet;
  one.redirected = action.mirror ? undefined : { dev: link.ifindex, ingress: at.ingress };
  // The other device takes it as the first had it: for this host or not, and uncounted.
  if (action.ingress)
    queueRx(world, ns, to, one, undefined, { counted: true, mine: packetType(link, packet) === 'in' });
  else at.send(world, ns, to, one);
  return action.mirror ? 'go' : 'stolen';
}

/** Where filters run: on the way in, and how a device is given a frame. */
export interface Place {
  ingress: boolean;
  send: Send;
}

function act(world: World, ns: NetNs, link: Link, packet: Packet, action: TcAction, at: Place): Verdict['end'] {
  action.bytes += frameLength(packet) - (at.ingress ? linkBytes(packet).length : 0);
  action.packets++;
  action.used = world.now;
  if (action.kind === 'mirred') return mirred(world, ns, link, packet, action, at);
  if (action.verdict !== 'drop') return 'go';
  action.drops++;
  return 'shot';
}

/** Runs the filters of one place, in order of priority, up to the first that matches. */
export function classify(
  world: World,
  ns: NetNs,
  link: Link,
  packet: Packet,
  protos: readonly TcProto[],
  at: Place,
): Verdict {
  const protocol = protocolOf(packet);
  for (const proto of protos) {
    if (proto.protocol !== ALL_PROTOCOLS && proto.protocol !== protocol) continue;
    for (const filter of proto.filters) {
      // Without class and actions it is no end: TC_U32_TERMINAL.
      if ((filter.classid === null && filter.actions.length === 0) || !u32Matches(filter, packet)) continue;
      const found: Verdict = filter.classid === null ? { end: 'go' } : { classid: filter.classid, end: 'go' };
      for (const action of filter.actions) {
        found.end = act(world, ns, link, packet, action, at);
        if (found.end !== 'go' || action.verdict === 'pass') break;
      }
      return found;
    }
  }
  return { end: 'go' };
}
