import { queueRx } from '../softirq.ts';
import { countTx } from '../stats.ts';
import type { Transmit } from './contract.ts';

/** drivers/net/loopback.c: what goes out comes in again, conntrack and mark with it. */
export const loopback: Transmit = (world, ns, link, packet) => {
  countTx(link, packet);
  queueRx(world, ns, link, packet);
  return null;
};
