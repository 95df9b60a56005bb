/** The forward plugin's way to an upstream: one exchange by the client's own protocol. Source: coredns plugin/forward, plugin/pkg/proxy/connect.go. */
import { formatIp, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { askTcp } from '../../linux/resolve/query.ts';
import { decodeDns, encodeDns } from '../../linux/resolve/wire.ts';
import { closeSocket, connect, openSocket, recvFrom, sendTo } from '../../linux/socket/index.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import type { Server } from './config.ts';

/** How long an upstream is waited for (readTimeout), µs. */
const READ_TIMEOUT = 2_000_000;

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};

/** The answer of an upstream, or Go's words for why there is none. */
export type Exchange = { message: DnsMessage } | { error: string };

/** Asks the upstreams one after the other, beginning with number `first`, until one answers. */
export function* exchange(
  proc: Proc,
  f: Server['forward'][number],
  first: number,
  query: DnsMessage,
  tcp: boolean,
): Io<Exchange> {
  let failed: Exchange = { error: 'no healthy proxies' };
  for (let i = 0; i < f.upstreams.length; i++) {
    const upstream = f.upstreams[(first + i) % f.upstreams.length] as { ip: string; port: number };
    const to = { ip: parseIp(upstream.ip) ?? 0, port: upstream.port };
    failed = tcp || f.forceTcp ? yield* overTcp(proc, to, query) : yield* overUdp(proc, to, query);
    if ('message' in failed) return failed;
  }
  return failed;
}

type Address = { ip: number | bigint; port: number };
const text = ({ ip, port }: Address): string =>
  typeof ip === 'bigint' ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;

function* overUdp(proc: Proc, to: Address, query: DnsMessage): Io<Exchange> {
  const socket = openSocket(proc, 'udp', { family: typeof to.ip === 'bigint' ? 6 : 4 });
  try {
    const refused =
      (yield* connect(proc, socket, to)) ?? sendTo(proc.world, socket, to, encodeDns(query), { dns: query });
    if (refused) return { error: `dial udp ${text(to)}: connect: ${WORDS[refused] ?? refused}` };
    const between = `read udp ${text(socket.local)}->${text(to)}`;
    const deadline = proc.world.now + READ_TIMEOUT;
    for (;;) {
      const got = yield* recvFrom(proc, socket, deadline);
      if (got === null) return { error: `${between}: i/o timeout` };
      if ('error' in got) return { error: `${between}: read: ${WORDS[got.error] ?? got.error}` };
      const message = got.dns ?? decodeDns(got.data);
      if (message?.response && message.id === query.id) return { message };
    }
  } finally {
    closeSocket(proc.world, socket);
  }
}

function* overTcp(proc: Proc, to: Address, query: DnsMessage): Io<Exchange> {
  const reply = yield* askTcp(proc, to.ip, query, proc.world.now + READ_TIMEOUT, to.port);
  if (reply.kind === 'answer') return { message: reply.message };
  if (reply.kind === 'error') return { error: `dial tcp ${text(to)}: connect: ${WORDS[reply.errno] ?? reply.errno}` };
  return { error: reply.kind === 'closed' ? 'EOF' : `dial tcp ${text(to)}: i/o timeout` };
}
