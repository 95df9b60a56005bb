import { defineLinkKind } from './kind.ts';

/** Intermediate functional block: what is redirected to it passes its queue. drivers/net/ifb.c. */
export const ifb = defineLinkKind({
  kind: 'ifb',
  linkType: 'ether',
  flags: ['BROADCAST'],
  noarp: true,
  mtu: 1500,
  minMtu: 0,
  maxMtu: 0,
  queues: 1,
  tsoMax: 524280,
  nameTemplate: 'ifb',
  txqlen: 32,
  qdisc: 'pfifo_fast',
  watched: false,
  movable: true,
  carrier: () => true,
  create: () => ({ data: { type: 'ifb' } }),
});
