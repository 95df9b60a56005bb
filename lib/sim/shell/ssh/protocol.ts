/**
 * What passes between ssh and sshd. The version strings and the sizes of the key exchange are OpenSSH 9.2's, so a path
 * that loses large packets stops a login where it really stops; everything after the version is opaque, as encrypted
 * data is. What a session reads and writes does not travel: both sides share the client's open files.
 */
import type { Machine } from '../../kernel/machine.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { recv } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';

export const VERSION = 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n';
/** Bytes of SSH_MSG_KEXINIT that each side sends. */
export const CLIENT_KEXINIT = 1536;
export const SERVER_KEXINIT = 1120;
/** Bytes of the messages that ask for a session, and of the one that tells its end. */
export const REQUEST_SIZE = 112;
export const END_SIZE = 36;

/** What a client asks of the server it has reached. */
export interface SessionRequest {
  client: Proc;
  /** The command; null for a login shell. */
  command: string | null;
  tty: boolean;
  /** Exit status, once the remote program has ended. */
  status: number | null;
}

const requests = new WeakMap<Machine, Map<string, SessionRequest>>();

const tableOf = (machine: Machine): Map<string, SessionRequest> => {
  let table = requests.get(machine);
  if (!table) requests.set(machine, (table = new Map()));
  return table;
};

/** `size` opaque bytes, the same for the same seed. */
export function opaque(seed: number, size: number): string {
  let x = (seed * 2654435761 + 1) >>> 0;
  let out = '';
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    out += String.fromCharCode(x >>> 24);
  }
  return out;
}

/** Makes a request known and answers the message that carries it. */
export function offer(request: SessionRequest, socket: Socket): string {
  const message = opaque(socket.id, REQUEST_SIZE);
  tableOf(request.client.machine).set(message, request);
  return message;
}

/** The request that a message carries; each is taken once. */
export function takeRequest(machine: Machine, message: string): SessionRequest | undefined {
  const table = tableOf(machine);
  const request = table.get(message);
  table.delete(message);
  return request;
}

/** Forgets a request that nobody took. */
export const withdraw = (machine: Machine, message: string): boolean => tableOf(machine).delete(message);

/** A connection's input, taken in pieces of known size. */
export class Reader {
  private text = '';
  constructor(
    readonly proc: Proc,
    readonly socket: Socket,
  ) {}

  /** The next `size` bytes; or how the connection ended: `eof`, or an errno name. */
  *take(size: number): Io<{ data: string } | { end: string }> {
    while (this.text.length < size) {
      const got = yield* recv(this.proc, this.socket);
      if (!('data' in got)) return { end: 'error' in got ? got.error : 'eof' };
      this.text += got.data;
    }
    const data = this.text.slice(0, size);
    this.text = this.text.slice(size);
    return { data };
  }
}
