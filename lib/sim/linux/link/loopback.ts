import { defineLinkKind } from './kind.ts';

/** `lo`: made with its namespace, never by hand. */
export const loopback = defineLinkKind({
  kind: 'loopback',
  linkType: 'loopback',
  flags: ['LOOPBACK'],
  mtu: 65536,
  minMtu: 0,
  maxMtu: 0,
  queues: 1,
  tsoMax: 524280,
  nameTemplate: 'lo',
  watched: false,
  carrier: () => true,
  create: (_world, ns) => (ns.links.size > 0 ? { errno: 'EOPNOTSUPP' } : { data: { type: 'loopback' }, mac: 0 }),
});
