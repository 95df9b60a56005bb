import { vethPeer } from './find.ts';
import { defineLinkKind } from './kind.ts';

/** A pair of devices: what goes in at one comes out at the other. Both are made in link/ops.ts (the peer first). */
export const veth = defineLinkKind({
  kind: 'veth',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  queues: 2,
  tsoMax: 524280,
  nameTemplate: 'veth',
  watched: true,
  movable: true,
  carrier: (world, _ns, link) => vethPeer(world, link)?.link.up ?? false,
  create: () => ({ data: { type: 'veth', peerNs: 0, peerIfindex: 0 } }),
});
