/** TCP's connection states as conntrack sees them from both directions: nf_conntrack_proto_tcp.c. */
import type { World } from '../../kernel/world.ts';
import type { Packet, TcpHeader } from '../../packet/packet.ts';
import type { CtEntry } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { killEntry, refresh } from './table.ts';
import { ctSysctl, tcpTimeout } from './timeouts.ts';

/** TCP states in the kernel's order (enum tcp_conntrack, nf_conntrack_tcp.h). */
export const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];
const [NO, SS, SR, ES, FW, CW, LA, TW, CL, S2] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
/** Invalid, and ignored. */
const IV = 10;
const IG = 11;

/** Rows: SYN, SYN+ACK, FIN, ACK, RST, none of them. Columns: the state before. */
const ORIGINAL = [
  [SS, SS, IG, IG, IG, IG, IG, SS, SS, S2],
  [IV, IV, SR, IV, IV, IV, IV, IV, IV, SR],
  [IV, IV, FW, FW, LA, LA, LA, TW, CL, IV],
  [ES, IV, ES, ES, CW, CW, TW, TW, CL, IV],
  [IV, CL, CL, CL, CL, CL, CL, CL, CL, CL],
  [IV, IV, IV, IV, IV, IV, IV, IV, IV, IV],
];
const REPLY = [
  [IV, S2, IV, IV, IV, IV, IV, SS, IV, S2],
  [IV, SR, IG, IG, IG, IG, IG, IG, IG, SR],
  [IV, IV, FW, FW, LA, LA, LA, TW, CL, IV],
  [IV, IG, SR, ES, CW, CW, TW, TW, CL, IG],
  [IV, CL, CL, CL, CL, CL, CL, CL, CL, CL],
  [IV, IV, IV, IV, IV, IV, IV, IV, IV, IV],
];

function rowOf(t: TcpHeader): number {
  if (t.rst) return 4;
  if (t.syn) return t.ackFlag ? 1 : 0;
  if (t.fin) return 2;
  return t.ackFlag ? 3 : 5;
}

/** Whether the flags make sense together: tcp_valid_flags. */
const flagsValid = (t: TcpHeader): boolean => {
  if (t.syn) return !t.fin && !(t.rst && t.ackFlag === undefined) && !(t.syn && t.rst);
  return t.rst || t.ackFlag;
};

export type Outcome = 'ok' | 'invalid' | 'repeat';

/** Takes the first packet of a connection. */
export function tcpNew(ns: NetNs, entry: CtEntry, t: TcpHeader): boolean {
  const next = ORIGINAL[rowOf(t)]?.[NO] ?? IV;
  if (next >= IV || !flagsValid(t)) return false;
  if (next !== SS && ctSysctl(ns, 'nf_conntrack_tcp_loose') === 0) return false;
  entry.tcpState = 'NONE';
  return true;
}

/** Moves the state on. `repeat` means: this is a new connection over the same ports, look again. */
export function tcpPacket(world: World, ns: NetNs, entry: CtEntry, packet: Packet, reply: boolean): Outcome {
  const t = packet.tcp;
  if (!t || !flagsValid(t)) return 'invalid';
  const old = TCP_STATES.indexOf(entry.tcpState);
  const row = rowOf(t);
  const next = (reply ? REPLY : ORIGINAL)[row]?.[old] ?? IV;
  if (next === IV) return 'invalid';
  if (next === IG) return 'ok';
  if (next === SS && old >= TW && old <= CL) {
    // The old connection was closed: a SYN opens a new one with the same ports.
    if (reply) return 'invalid';
    killEntry(ns, entry);
    return 'repeat';
  }
  entry.tcpState = TCP_STATES[next] as string;
  const timeout = row === 4 ? tcpTimeout(ns, 'CLOSE') : tcpTimeout(ns, entry.tcpState);
  if (!entry.status.seenReply) {
    // A refused connection leaves no entry behind.
    if (row === 4 && entry.status.confirmed) {
      killEntry(ns, entry);
      return 'ok';
    }
  } else if (!entry.status.assured && (old === SR || old === ES) && next === ES) entry.status.assured = true;
  refresh(world, entry, timeout);
  return 'ok';
}
