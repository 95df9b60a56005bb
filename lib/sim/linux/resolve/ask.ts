/** How BIND 9.18's tools (dig, nslookup, host) put a question to servers: tries, their words for failures, search lists. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import type { ResolvConf } from './config.ts';
import { askTcp, askUdp, type Reply } from './query.ts';
import { absolute, validName } from './wire.ts';

export interface AskOptions {
  servers: Ip[];
  port: number;
  tcp: boolean;
  tries: number;
  /** Seconds for one try. */
  timeout: number;
  /** Retry over TCP when the answer is truncated. */
  ignoreTruncation: boolean;
}

export type Answer =
  | { ok: true; message: DnsMessage; size: number; server: Ip; us: number; tcp: boolean }
  /** `setup`: no query ever left; its lines say so already. */
  | { ok: false; setup: boolean };

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EPERM: 'permission denied',
  EACCES: 'permission denied',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'timed out',
  EINVAL: 'invalid argument',
};

const where = (server: Ip, port: number): string => `${formatIp(server)}#${port}`;

/** Asks until a server answers. `say` prints what goes wrong on the way. */
export function* ask(proc: Proc, o: AskOptions, query: DnsMessage, say: (text: string) => Io<void>): Io<Answer> {
  const { world } = proc;
  let setup = false;
  for (let attempt = 0; attempt < o.tries; attempt++) {
    for (const server of o.servers) {
      const started = world.now;
      const deadline = started + o.timeout * 1_000_000;
      const reply: Reply = o.tcp
        ? yield* askTcp(proc, server, query, deadline, o.port)
        : ((yield* askUdp(proc, server, [query], deadline, o.port, true))[0] as Reply);
      if (reply.kind === 'answer' && reply.message.tc && !o.tcp && !o.ignoreTruncation) {
        yield* say(';; Truncated, retrying in TCP mode.\n');
        return yield* ask(proc, { ...o, tcp: true, servers: [server] }, query, say);
      }
      if (reply.kind === 'answer')
        return { ok: true, message: reply.message, size: reply.size, server, us: world.now - started, tcp: o.tcp };
      setup = yield* complain(o, server, query, reply, say);
    }
  }
  return { ok: false, setup };
}

/** Says why a try failed. Answers whether the failure came before a query could be sent. */
function* complain(
  o: AskOptions,
  server: Ip,
  query: DnsMessage,
  reply: Reply,
  say: (text: string) => Io<void>,
): Io<boolean> {
  const name = query.question.name === '.' ? '.' : query.question.name.replace(/\.$/, '');
  const reason =
    reply.kind === 'timeout'
      ? 'timed out'
      : reply.kind === 'error'
        ? (WORDS[reply.errno] ?? reply.errno)
        : 'end of file';
  const before = reply.kind === 'error' && reply.while === 'setup';
  if (o.tcp && (before || reply.kind === 'timeout')) {
    yield* say(
      `;; Connection to ${where(server, o.port)}(${formatIp(server)}) for ${name} failed: ${reason}.\n;; no servers could be reached\n`,
    );
    return true;
  }
  if (before) {
    yield* say(
      `;; UDP setup with ${where(server, o.port)}(${formatIp(server)}) for ${name} failed: ${reason}.\n;; no servers could be reached\n`,
    );
    return true;
  }
  yield* say(`;; communications error to ${where(server, o.port)}: ${reason}\n`);
  return false;
}

/** Names to try for `name`, absolute, in order: the search list before or after the name itself, as `ndots` says. */
export function searchNames(conf: ResolvConf, name: string, search: boolean): string[] {
  const self = absolute(name);
  if (!search || name.endsWith('.')) return [self];
  const others = conf.search.map((domain) => absolute(`${name}.${domain}`)).filter(validName);
  const dots = name.split('.').length - 1;
  return dots >= conf.ndots ? [self, ...others] : [...others, self];
}
