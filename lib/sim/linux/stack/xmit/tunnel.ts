import { tunnelSend } from '../tunnel.ts';
import type { Transmit } from './contract.ts';

/** ipip, gre, gretap, erspan: into an IP packet and out again. */
export const tunnel: Transmit = (world, ns, link, packet) => {
  tunnelSend(world, ns, link, packet);
  return null;
};
