import { geneveSend } from '../geneve.ts';
import type { Transmit } from './contract.ts';

export const geneve: Transmit = (world, ns, link, packet) => {
  geneveSend(world, ns, link, packet);
  return null;
};
