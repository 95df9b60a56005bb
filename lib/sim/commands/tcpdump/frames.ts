/** What a capture sees of a device: its frames as bytes, with the headers that the link type gives them. */
import type { Capture, Link } from '../../linux/types.ts';
import { linkBytes, packetBytes } from '../../packet/bytes.ts';
import { linkKind } from './devices.ts';
import type { Frame, LinkType } from './filter/frame.ts';

type Captured = Capture['frames'][number];

const u16 = (n: number): string => String.fromCharCode((n >> 8) & 255, n & 255);
const PACKET_TYPES = { in: 0, broadcast: 1, multicast: 2, other: 3, out: 4 } as const;
const ARPHRD: Record<string, number> = { loopback: 772, ipip: 768, gre: 778, sit: 776, wireguard: 65534, tun: 65534 };

/** The cooked header of the `any` device: LINKTYPE_LINUX_SLL2, or the older LINKTYPE_LINUX_SLL. */
function cookedHeader(frame: Captured, link: Link | undefined, type: 'LINUX_SLL' | 'LINUX_SLL2'): string {
  const { packet } = frame;
  const proto = u16(packet.eth?.type ?? (typeof packet.ip?.src === 'bigint' ? 0x86dd : 0x0800));
  const kind = ARPHRD[link?.kind ?? ''] ?? 1;
  const way = PACKET_TYPES[frame.dir];
  const source = packet.eth ? linkBytes(packet).slice(6, 12) : '';
  const address = source.padEnd(8, '\0');
  if (type === 'LINUX_SLL') return u16(way) + u16(kind) + u16(source.length) + address + proto;
  return `${proto}\0\0${u16(frame.dev >>> 16)}${u16(frame.dev)}${u16(kind)}${String.fromCharCode(way, source.length)}${address}`;
}

/** The link type a device is captured with. */
export const typeOf = (link: Link | null): LinkType => (link ? linkKind(link) : 'LINUX_SLL2');

/** A captured frame's bytes as they are printed and saved, and as the kernel's filter sees them. */
export function framesOf(frame: Captured, link: Link | undefined, type: LinkType): { shown: string; filtered: Frame } {
  const { packet } = frame;
  const body = packetBytes(packet, false);
  const tag = packet.eth?.vlan;
  let shown: string;
  let seen: string;
  if (type === 'EN10MB') {
    const head = packet.eth ? linkBytes(packet) : '';
    shown = head + body;
    seen = tag === undefined ? shown : head.slice(0, 12) + head.slice(16) + body;
  } else if (type === 'RAW') shown = seen = body;
  else {
    shown = seen = cookedHeader(frame, link, type) + body;
  }
  const filtered: Frame = {
    bytes: seen,
    link: type,
    length: seen.length,
    dir: frame.dir,
    ifindex: frame.dev,
    overrun: false,
  };
  if (tag !== undefined) filtered.tag = tag;
  return { shown, filtered };
}
