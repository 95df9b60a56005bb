import { vrfSend } from '../vrf.ts';
import type { Transmit } from './contract.ts';

export const vrf: Transmit = (world, ns, link, packet) => {
  vrfSend(world, ns, link, packet);
  return null;
};
