/** GRE tunnels that carry IP, frames, or mirrored frames: net/ipv4/ip_gre.c, RFC 2784, RFC 2890. */
import { defineLinkKind, type LinkKind } from './kind.ts';
import { tunnelKind } from './tunnel.ts';

const common = {
  queues: 1,
  tsoMax: 65536,
  maxMtu: 0,
  watched: false,
  movable: true,
  carrier: () => true,
} as const satisfies Partial<LinkKind>;

export const gre = defineLinkKind({
  ...common,
  ...tunnelKind('gre'),
  linkType: 'gre',
  flags: [],
  noarp: true,
  mtu: 1476,
  minMtu: 0,
  nameTemplate: 'gre',
});

export const gretap = defineLinkKind({
  ...common,
  ...tunnelKind('gretap'),
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1462,
  minMtu: 68,
  nameTemplate: 'gretap',
});

export const erspan = defineLinkKind({
  ...common,
  ...tunnelKind('erspan'),
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1450,
  minMtu: 68,
  nameTemplate: 'erspan',
});
