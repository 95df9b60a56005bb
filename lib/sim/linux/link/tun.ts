/** TUN and TAP devices, made persistent by `ip tuntap`: drivers/net/tun.c. No program of the model opens one. */
import type { NlError, OtherLinkData } from '../types.ts';
import { defineLinkKind } from './kind.ts';

export interface TunData extends OtherLinkData {
  type: 'tun';
  mode: 'tun' | 'tap';
  pi: boolean;
  vnetHdr: boolean;
  multiQueue: boolean;
  oneQueue: boolean;
  user: number | null;
  group: number | null;
}

/** The largest frame less its Ethernet header. */
const TAP_MAX_MTU = 65521;

const base = {
  mtu: 1500,
  minMtu: 68,
  queues: 1,
  tsoMax: 65536,
  qdisc: 'pfifo_fast',
  watched: true,
  movable: true,
  // The carrier is there while a process holds the device open.
  carrier: () => false,
} as const;

const refuse = (): NlError => ({
  errno: 'EOPNOTSUPP',
  extack: 'tun/tap creation via rtnetlink is not supported',
});

/** Layer 3: bare IP packets. */
export const tun = defineLinkKind({
  ...base,
  kind: 'tun',
  linkType: 'none',
  flags: ['POINTOPOINT', 'MULTICAST'],
  noarp: true,
  maxMtu: 65535,
  nameTemplate: 'tun',
  txqlen: 500,
  create: (_world, _ns, spec) =>
    spec.data?.mode === 'tun' ? { data: { ...spec.data, type: 'tun' } as unknown as TunData } : refuse(),
});

/** Layer 2: Ethernet frames. `ip` calls both kinds tun. */
export const tap = defineLinkKind({
  ...base,
  kind: 'tap',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  maxMtu: TAP_MAX_MTU,
  nameTemplate: 'tap',
  create: (_world, _ns, spec) =>
    spec.data?.mode === 'tap' ? { data: { ...spec.data, type: 'tun' } as unknown as TunData } : refuse(),
});

/** The TUN part of a link, or null. */
export const tunOf = (link: { data: { type: string } }): TunData | null =>
  link.data.type === 'tun' ? (link.data as TunData) : null;
