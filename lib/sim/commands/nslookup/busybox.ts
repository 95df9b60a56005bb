/** nslookup of busybox 1.35 (the "big" one): every name of the search list, A and AAAA at once. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { readResolvConf } from '../../linux/resolve/config.ts';
import { askUdp, newId } from '../../linux/resolve/query.ts';
import { resolveHost, reverseName } from '../../linux/resolve/resolve.ts';
import { absolute, makeQuery, RCODES } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import { notModelled, print, printErr } from '../io.ts';

const TYPES = ['SOA', 'NS', 'A', 'AAAA', 'CNAME', 'MX', 'TXT', 'PTR', 'SRV', 'ANY'];
const USAGE = `BusyBox v1.35.0 (2022-12-26 15:33:28 UTC) multi-call binary.

Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]

Query DNS about HOST

QUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any
`;
const ERRORS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ENETUNREACH: 'Network is unreachable',
  EHOSTUNREACH: 'No route to host',
  EPERM: 'Operation not permitted',
};
/** Seconds in all, and tries in that time. */
const TIMEOUT = 5;
const TRIES = 2;

/** Runs `nslookup [-type=T] HOST [SERVER]`. */
export function* busyboxNslookup(proc: Proc): Io<number> {
  const types: string[] = [];
  const words: string[] = [];
  for (const arg of proc.argv.slice(1)) {
    const m = /^-(?:q|query|querytype|t|type)=(.*)$/.exec(arg);
    if (m) {
      const type = (m[1] as string).toUpperCase();
      if (!TYPES.includes(type)) {
        yield* printErr(`nslookup: invalid query type "${m[1]}"\n`);
        return 1;
      }
      types.push(type);
    } else if (arg === '-debug') return yield* notModelled('nslookup -debug');
    else words.push(arg);
  }
  const [host, serverName] = words;
  if (host === undefined) {
    yield* printErr(USAGE);
    return 1;
  }
  const conf = readResolvConf(proc);
  let server = conf.nameservers[0] as Ip;
  if (serverName !== undefined) {
    const found = yield* resolveHost(proc, serverName);
    if (!found.ok) {
      yield* printErr(`nslookup: bad address '${serverName}'\n`);
      return 1;
    }
    server = found.ips[0] as Ip;
  }
  const ip = parseIp(host);
  const wanted = types.length ? types : ip !== null ? ['PTR'] : ['A', 'AAAA'];
  const names = ip !== null ? [reverseName(ip).replace(/\.$/, '')] : searchList(conf.search, conf.ndots, host);
  const queries = wanted.flatMap((type) =>
    names.map((name) => ({ name, query: makeQuery(newId(proc), absolute(name), type) })),
  );
  return yield* askAll(proc, server, queries);
}

/** Names with too few dots go through the search list, and only through it. */
function searchList(search: string[], ndots: number, host: string): string[] {
  const dots = host.split('.').length - 1;
  if (host.endsWith('.') || dots >= ndots || search.length === 0) return [host];
  return dots > 0 && dots >= ndots - 1 ? [host] : search.map((domain) => `${host}.${domain}`);
}

function* askAll(proc: Proc, server: Ip, queries: { name: string; query: DnsMessage }[]): Io<number> {
  const answers = new Map<number, DnsMessage>();
  for (let attempt = 0; attempt < TRIES && answers.size < queries.length; attempt++) {
    const left = queries.filter(({ query }) => !answers.has(query.id)).map(({ query }) => query);
    const replies = yield* askUdp(proc, server, left, proc.world.now + (TIMEOUT / TRIES) * 1_000_000);
    for (const reply of replies) if (reply.kind === 'answer') answers.set(reply.message.id, reply.message);
    const failed = replies.find((reply) => reply.kind === 'error');
    if (failed?.kind === 'error') {
      const text = ERRORS[failed.errno] ?? failed.errno;
      if (failed.while === 'setup') {
        yield* printErr(`nslookup: can't connect to remote host (${formatIp(server)}): ${text}\n`);
        return 1;
      }
      yield* printErr(`nslookup: write to '${formatIp(server)}': ${text}\n`);
      break;
    }
  }
  if (answers.size === 0) {
    yield* print(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  yield* print(`Server:\t\t${formatIp(server)}\nAddress:\t${formatIp(server)}:53\n\n`);
  let failures = 0;
  for (const { name, query } of queries) {
    const message = answers.get(query.id);
    if (!message) {
      yield* print(`*** Can't find ${name}: No answer\n`);
      failures++;
    } else if (message.rcode !== 0) {
      yield* print(`** server can't find ${name}: ${RCODES[message.rcode] ?? message.rcode}\n`);
      failures++;
    } else yield* print((message.aa ? '' : 'Non-authoritative answer:\n') + message.answer.map(record).join(''));
    yield* print('\n');
  }
  return failures > 0 ? 1 : 0;
}

const plain = (name: string): string => name.replace(/\.$/, '');

function record(r: DnsRecord): string {
  const name = plain(r.name);
  const words = r.data.split(' ');
  switch (r.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${r.data}\n`;
    case 'CNAME':
      return `${name}\tcanonical name = ${plain(r.data)}\n`;
    case 'PTR':
      return `${name}\tname = ${plain(r.data)}\n`;
    case 'NS':
      return `${name}\tnameserver = ${plain(r.data)}\n`;
    case 'MX':
      return `${name}\tmail exchanger = ${words[0]} ${plain(words[1] ?? '')}\n`;
    case 'SRV':
      return `${name}\tservice = ${words.slice(0, 3).join(' ')} ${plain(words[3] ?? '')}\n`;
    case 'TXT':
      return `${name}\ttext = ${r.data}\n`;
    case 'SOA':
      return `${name}\n\torigin = ${plain(words[0] ?? '')}\n\tmail addr = ${plain(words[1] ?? '')}\n\tserial = ${words[2]}\n\trefresh = ${words[3]}\n\tretry = ${words[4]}\n\texpire = ${words[5]}\n\tminimum = ${words[6]}\n`;
    default:
      return '';
  }
}
