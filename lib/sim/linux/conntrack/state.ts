/** A packet's connection state, as rules ask for it. */
import type { Packet } from '../../packet/packet.ts';
import type { CtEntry } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';

/** The state of a packet; one that nothing tracks counts as INVALID, as in the kernel. */
export const packetState = (packet: Packet): string => packet.ct?.state ?? 'INVALID';

/** The connection a packet belongs to, or null. */
export const entryOf = (ns: NetNs, packet: Packet): CtEntry | null =>
  packet.ct && packet.ct.id !== 0 ? (ns.ct.entries.get(packet.ct.id) ?? null) : null;

/** Gives an answer made by this host the connection of the packet it answers: nf_ct_attach(). */
export function attachConntrack(answer: Packet, cause: Packet): void {
  if (!cause.ct || cause.ct.id === 0) return;
  answer.ct = { id: cause.ct.id, reply: !cause.ct.reply, state: 'RELATED' };
}
