/** IP-in-IP tunnels: net/ipv4/ipip.c. */
import { defineLinkKind } from './kind.ts';
import { tunnelKind } from './tunnel.ts';

export const ipip = defineLinkKind({
  ...tunnelKind('ipip'),
  linkType: 'ipip',
  flags: [],
  noarp: true,
  mtu: 1480,
  minMtu: 0,
  maxMtu: 0,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'ipip',
  watched: false,
  movable: true,
  carrier: () => true,
});
