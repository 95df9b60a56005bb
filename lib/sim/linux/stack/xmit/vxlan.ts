import { vxlanSend } from '../vxlan.ts';
import type { Transmit } from './contract.ts';

export const vxlan: Transmit = (world, ns, link, packet) => {
  vxlanSend(world, ns, link, packet);
  return null;
};
