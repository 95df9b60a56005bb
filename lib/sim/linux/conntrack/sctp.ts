/** SCTP's association states as conntrack sees them from both directions: nf_conntrack_proto_sctp.c. */
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import type { CtEntry } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { refresh } from './table.ts';
import type { Outcome } from './tcp.ts';
import { ctSysctl } from './timeouts.ts';

/** States in the kernel's order (enum sctp_conntrack). */
const STATES = [
  'NONE',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'ESTABLISHED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT',
] as const;
const [CL, CW, CE, ES, SS, SR, SA, HS] = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const IV = -1;

/** Rows by chunk type: what each makes of a state, in {@link STATES}' order. */
const ORIGINAL = new Map<number, readonly number[]>([
  [1, [CL, CL, CW, CE, ES, CL, CL, SA, CW]],
  [2, [CL, CL, CW, CE, ES, SS, SR, SA, CL]],
  [6, [CL, CL, CL, CL, CL, CL, CL, CL, CL]],
  [7, [CL, CL, CW, CE, SS, SS, SR, SA, CL]],
  [8, [SA, CL, CW, CE, ES, SA, SA, SA, SA]],
  [9, [CL, CL, CW, CE, ES, SS, SR, SA, CL]],
  [10, [CL, CL, CE, CE, ES, SS, SR, SA, CL]],
  [11, [CL, CL, CW, ES, ES, SS, SR, SA, CL]],
  [14, [CL, CL, CW, CE, ES, SS, SR, CL, CL]],
  [4, [HS, CL, CW, CE, ES, SS, SR, SA, HS]],
  [5, [CL, CL, CW, CE, ES, SS, SR, SA, HS]],
]);
const REPLY = new Map<number, readonly number[]>([
  [1, [IV, CL, CW, CE, ES, SS, SR, SA, IV]],
  [2, [IV, CW, CW, CE, ES, SS, SR, SA, IV]],
  [6, [IV, CL, CL, CL, CL, CL, CL, CL, IV]],
  [7, [IV, CL, CW, CE, SR, SS, SR, SA, IV]],
  [8, [IV, CL, CW, CE, ES, SA, SA, SA, IV]],
  [9, [IV, CL, CW, CL, ES, SS, SR, SA, IV]],
  [10, [IV, CL, CE, CE, ES, SS, SR, SA, IV]],
  [11, [IV, CL, CW, ES, ES, SS, SR, SA, IV]],
  [14, [IV, CL, CW, CE, ES, SS, SR, CL, IV]],
  [4, [IV, CL, CW, CE, ES, SS, SR, SA, HS]],
  [5, [IV, CL, CW, CE, ES, SS, SR, SA, ES]],
]);

/** Takes a packet of an association, the first one included. `invalid`: no state allows it. */
export function sctpPacket(world: World, ns: NetNs, entry: CtEntry, packet: Packet, reply: boolean): Outcome {
  const { sctp } = packet;
  if (!sctp) return 'invalid';
  const old = entry.tcpState === '' ? 0 : STATES.indexOf(entry.tcpState as (typeof STATES)[number]);
  const row = (reply ? REPLY : ORIGINAL).get(sctp.chunk);
  // Chunks of data leave the state as it is; they begin nothing.
  const next = row ? (row[old] ?? IV) : old === 0 ? IV : old;
  if (next === IV || (old === 0 && sctp.chunk === 6)) return 'invalid';
  if (STATES[old] === 'COOKIE_ECHOED' && reply && next === ES) entry.status.assured = true;
  entry.tcpState = STATES[next] as string;
  refresh(world, entry, ctSysctl(ns, `nf_conntrack_sctp_timeout_${entry.tcpState.toLowerCase()}`));
  return 'ok';
}
