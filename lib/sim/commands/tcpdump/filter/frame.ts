/**
 * One frame as a filter sees it: its bytes, and where its headers are. Semantics as the BPF code that gencode.c of
 * libpcap 1.10 makes: a read beyond the end makes the whole filter answer no.
 */

/** Link-layer header types: pcap-linktype(7). */
export type LinkType = 'EN10MB' | 'RAW' | 'LINUX_SLL' | 'LINUX_SLL2';

export interface Frame {
  bytes: string;
  link: LinkType;
  /** Length on the wire. */
  length: number;
  /** The outermost 802.1Q tag where the kernel took it out of the bytes (a live capture). */
  tag?: number;
  /** Known in a live capture only. */
  dir?: 'in' | 'out' | 'broadcast' | 'multicast' | 'other';
  ifindex?: number;
  /** Byte access went beyond the frame: the whole filter answers no. */
  overrun: boolean;
}

/** Bytes of the link header without tags. */
export const LINK_HEADER: Record<LinkType, number> = { EN10MB: 14, RAW: 0, LINUX_SLL: 16, LINUX_SLL2: 20 };

/** `size` bytes at `at` as an unsigned number; null, and the filter's end, beyond the frame. */
export function load(f: Frame, at: number, size: 1 | 2 | 4): number | null {
  if (at < 0 || at + size > f.bytes.length) {
    f.overrun = true;
    return null;
  }
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + f.bytes.charCodeAt(at + i);
  return value;
}

/** How many tags stand in the bytes after `vlan` came `tags` times in the expression. */
const inlineTags = (f: Frame, tags: number): number => Math.max(0, tags - (f.tag === undefined ? 0 : 1));

/** Where the network header starts, past `tags` tags. */
export const networkOffset = (f: Frame, tags: number): number => LINK_HEADER[f.link] + 4 * inlineTags(f, tags);

/** The EtherType, past `tags` tags; of raw packets their IP version tells it. */
export function etherTypeOf(f: Frame, tags: number): number | null {
  switch (f.link) {
    case 'EN10MB':
      return load(f, 12 + 4 * inlineTags(f, tags), 2);
    case 'LINUX_SLL':
      return load(f, 14, 2);
    case 'LINUX_SLL2':
      return load(f, 0, 2);
    default: {
      const version = load(f, 0, 1);
      return version === null ? null : version >> 4 === 4 ? 0x0800 : version >> 4 === 6 ? 0x86dd : 0;
    }
  }
}

/** The tag number `index` (0: outermost), or null when there is none. */
export function tagOf(f: Frame, index: number): number | null {
  if (f.tag !== undefined && index === 0) return f.tag;
  const at = 12 + 4 * (f.tag === undefined ? index : index - 1);
  const type = load(f, at, 2);
  if (type !== 0x8100 && type !== 0x88a8 && type !== 0x9100) return null;
  return load(f, at + 2, 2);
}
