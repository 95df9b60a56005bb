import type { World } from '../../../kernel/world.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Link, NetNs } from '../../types.ts';

/** A device driver's ndo_start_xmit. Counts what it takes; an errno name refuses the frame so that its sender hears of it. */
export type Transmit = (world: World, ns: NetNs, link: Link, packet: Packet) => string | null;
