/**
 * The resolver of the network outside the cluster, as a small dnsmasq on its gateway: it answers what its /etc/hosts holds, and NXDOMAIN for
 * the rest of the world.
 */
import { formatIp } from '../../addr/ip.ts';
import { waitFor } from '../../commands/io.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { readHosts } from '../../linux/resolve/config.ts';
import { sendMessage, serveMessages } from '../../linux/resolve/stream.ts';
import { decodeDns, encodeDns } from '../../linux/resolve/wire.ts';
import { accept, bind, listen, openSocket, ownSocket, recvFrom, sendTo } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';

/** Names of the outer world, by addresses for documentation (RFC 5737). */
export const PUBLIC_HOSTS = '203.0.113.10\texample.com www.example.com\n203.0.113.20\tapi.example.net\n';

const PORT = 53;
const TTL = 300;
const TCP_IDLE = 5_000_000;
const ROOT: DnsRecord = {
  name: '.',
  type: 'SOA',
  ttl: 900,
  data: 'a.root-servers.net. nstld.verisign-grs.com. 2026011500 1800 900 604800 86400',
};

function answer(proc: Proc, query: DnsMessage): DnsMessage {
  const { name, type } = query.question;
  const bare = name.toLowerCase().replace(/\.$/, '');
  const entries = readHosts(proc).filter((e) => e.names.includes(bare));
  const fits = entries.filter(
    (e) => (type === 'A' && typeof e.ip === 'number') || (type === 'AAAA' && typeof e.ip === 'bigint'),
  );
  const records = fits.map((e): DnsRecord => ({ name, type, ttl: TTL, data: formatIp(e.ip) }));
  return {
    ...query,
    response: true,
    aa: false,
    ra: true,
    ad: false,
    rcode: entries.length > 0 ? 0 : 3,
    answer: records,
    authority: records.length > 0 ? [] : [ROOT],
    additional: [],
    ...(query.edns ? { edns: { size: 1232 } } : {}),
  };
}

/** The program. */
export function* upstream(proc: Proc, rest?: { udp: Socket; tcp: Socket }): Program {
  const { world } = proc;
  const udp = rest?.udp ?? openSocket(proc, 'udp');
  const tcp = rest?.tcp ?? openSocket(proc, 'tcp', { reuse: true });
  if (rest) for (const socket of [udp, tcp]) ownSocket(proc, socket);
  else if (bind(world, udp, { ip: 0, port: PORT }) ?? bind(world, tcp, { ip: 0, port: PORT }) ?? listen(world, tcp))
    return 2;
  const owned = proc.atExit.length;
  const pending = () => udp.recvq.length > 0 || udp.error !== null || (tcp.tcp?.backlog.length ?? 0) > 0;
  for (;;) {
    yield* waitFor(pending, null, { rest: { main: upstream, state: { udp, tcp } } });
    const connection = (tcp.tcp?.backlog.length ?? 0) > 0 ? yield* accept(proc, tcp, world.now) : null;
    if (connection) proc.machine.spawn({ parent: proc, argv: proc.argv, main: (p) => stream(p, connection) });
    proc.atExit.length = owned;
    if (udp.recvq.length === 0 && udp.error === null) continue;
    const got = yield* recvFrom(proc, udp, world.now);
    const query = got && !('error' in got) ? (got.dns ?? decodeDns(got.data)) : null;
    if (!got || 'error' in got || !query || query.response) continue;
    const reply = answer(proc, query);
    sendTo(world, udp, got.from, encodeDns(reply), { dns: reply });
  }
}

function* stream(proc: Proc, connection: Socket): Program {
  ownSocket(proc, connection);
  yield* serveMessages(proc, connection, TCP_IDLE, function* (query) {
    yield* sendMessage(proc, connection, answer(proc, query));
  });
  return 0;
}
