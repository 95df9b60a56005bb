/** `agnhost connect HOST:PORT`: opens a connection and says in one word why it could not. Source: test/images/agnhost/connect. */
import { formatIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { connect, openSocket, recvFrom, sendTo, takeError } from '../../linux/socket/index.ts';
import { sctpConnect } from '../../linux/socket/sctp.ts';
import type { SockAddr } from '../../linux/types.ts';
import { printErr, waitFor } from '../io.ts';

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  ENOPROTOOPT: 'protocol not available',
};

const UNITS: Record<string, number> = { ns: 1e-3, us: 1, µs: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };

/** Microseconds of a Go duration (`1m30s`, `500ms`, `0`); null when it is none. */
export function parseGoDuration(text: string): number | null {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((m) => m[0]).join('') !== text) return null;
  return Math.round(parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS[unit as string] as number), 0));
}

/** Runs it; `timeoutUs` 0 waits as long as the protocol does. Exit status 1 for every failure, told on stderr. */
export function* connectTo(proc: Proc, dest: string, protocol: string, timeoutUs: number, data: string): Io<number> {
  const m = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(dest);
  const udp = protocol === 'udp';
  if (!m) return yield* say(`${udp ? 'DNS' : 'UNKNOWN'}: address ${dest}: missing port in address`);
  const host = m[1] ?? m[2] ?? '';
  const found = yield* resolveHost(proc, host === '' ? '127.0.0.1' : host);
  const ip = found.ok ? found.ips[0] : undefined;
  if (ip === undefined) return yield* say(`DNS: lookup ${host}: no such host`);
  const to = { ip, port: Number(m[3]) };
  const text = `${typeof ip === 'bigint' ? `[${formatIp(ip)}]` : formatIp(ip)}:${to.port}`;
  const limit = timeoutUs > 0 ? timeoutUs : null;
  const family = typeof ip === 'bigint' ? 6 : 4;
  if (udp) return yield* datagram(proc, to, text, family, limit, data);
  const error =
    protocol === 'sctp' ? yield* associate(proc, to, family, limit) : yield* stream(proc, to, family, limit);
  if (error === null) return 0;
  if (error === 'EINPROGRESS' || error === 'ETIMEDOUT') return yield* say('TIMEOUT');
  if (error === 'ECONNREFUSED' && protocol !== 'sctp') return yield* say('REFUSED');
  const how = protocol === 'sctp' ? '' : `dial tcp ${text}: connect: `;
  return yield* say(`OTHER: ${how}${WORDS[error] ?? error}`);
}

function* stream(proc: Proc, to: SockAddr, family: 4 | 6, limit: number | null): Io<string | null> {
  return yield* connect(proc, openSocket(proc, 'tcp', { family }), to, limit);
}

/** An association is made and shut down again: data by SCTP is not modelled. */
function* associate(proc: Proc, to: SockAddr, family: 4 | 6, limit: number | null): Io<string | null> {
  const socket = openSocket(proc, 'sctp', { family });
  const error = sctpConnect(proc.world, socket, to);
  if (error) return error;
  // The other end may have shut it down by the time this is looked at.
  const done = () => socket.error !== null || !socket.sctp?.state.startsWith('COOKIE');
  if (!(yield* waitFor(done, limit === null ? null : proc.world.now + limit))) return 'EINPROGRESS';
  return takeError(socket);
}

function* datagram(
  proc: Proc,
  to: SockAddr,
  text: string,
  family: 4 | 6,
  limit: number | null,
  data: string,
): Io<number> {
  const socket = openSocket(proc, 'udp', { family });
  const error = (yield* connect(proc, socket, to)) ?? sendTo(proc.world, socket, to, `${data}\n`);
  if (error) return yield* say(`OTHER: dial udp ${text}: connect: ${WORDS[error] ?? error}`);
  const got = yield* recvFrom(proc, socket, limit === null ? null : proc.world.now + limit);
  const between = `${formatIp(socket.local.ip)}:${socket.local.port}->${text}`;
  if (!got) return yield* say(`TIMEOUT: read udp ${between}: i/o timeout`);
  if (!('error' in got)) return 0;
  const word = got.error === 'ECONNREFUSED' ? 'REFUSED' : 'UNKNOWN';
  return yield* say(`${word}: read udp ${between}: read: ${WORDS[got.error] ?? got.error}`);
}

function* say(text: string): Io<number> {
  yield* printErr(`${text}\n`);
  return 1;
}
