import { tunnelSend } from '../ipip.ts';
import type { Transmit } from './contract.ts';

export const ipip: Transmit = (world, ns, link, packet) => {
  tunnelSend(world, ns, link, packet);
  return null;
};
