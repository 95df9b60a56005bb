/** TCP as IPVS follows it: the state tables of ip_vs_proto_tcp.c. */
import type { TcpHeader } from '../../packet/packet.ts';

export const TCP_NAMES = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
] as const;

export const TCP_ESTABLISHED = 1;
export const TCP_FIN_WAIT = 4;
export const TCP_TIME_WAIT = 5;

const SECONDS = [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120];
const ACTIVE = [1, 2, 3, 10];

/** Next states by the old one, in hexadecimal: rows for SYN, FIN, ACK and RST. */
const TABLES = {
  input: ['31133333333', '67255567895', '11214567691', '66636666893'],
  output: ['21232222293', '54254565895', '11214567811', '66266566666'],
  inputOnly: ['31133333333', '64254567895', '11214567691', '66636666896'],
};

/** The state after a packet: CLOSE for one without any flag. */
export function tcpNext(state: number, t: TcpHeader, direction: keyof typeof TABLES): number {
  const row = t.rst ? 3 : t.syn ? 0 : t.fin ? 1 : t.ackFlag ? 2 : -1;
  return row < 0 ? 6 : Number(TABLES[direction][row]?.[state] ?? 6);
}

/** Whether connections in this state count as active. */
export const tcpActive = (state: number): boolean => ACTIVE.includes(state);

/** Seconds of silence a state lasts; `--set` changes those of established and FIN_WAIT. */
export const tcpSeconds = (state: number, [established, fin]: readonly number[]): number =>
  (state === TCP_ESTABLISHED ? established : state === TCP_FIN_WAIT ? fin : SECONDS[state]) ?? 2;
