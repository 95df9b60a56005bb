import { drop } from '../drop.ts';
import { countTx } from '../stats.ts';
import type { Transmit } from './contract.ts';

/** drivers/net/dummy.c: counts and forgets. */
export const dummy: Transmit = (world, ns, link, packet) => {
  countTx(link, packet);
  drop(world, ns, packet, 'CONSUMED', () => `${link.name} swallows everything it is given`);
  return null;
};
