import { defineLinkKind } from './kind.ts';

/** A device that takes every frame and drops it: drivers/net/dummy.c. */
export const dummy = defineLinkKind({
  kind: 'dummy',
  linkType: 'ether',
  flags: ['BROADCAST'],
  noarp: true,
  mtu: 1500,
  minMtu: 0,
  maxMtu: 0,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'dummy',
  watched: false,
  movable: true,
  carrier: () => true,
  create: () => ({ data: { type: 'dummy' } }),
});
