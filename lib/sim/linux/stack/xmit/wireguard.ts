import { wireguardSend } from '../../wireguard/send.ts';
import type { Transmit } from './contract.ts';

export const wireguard: Transmit = (world, ns, link, packet) => wireguardSend(world, ns, link, packet);
