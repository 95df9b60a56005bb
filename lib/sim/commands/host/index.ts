/** host of BIND 9.18. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { type AskOptions, ask, searchNames } from '../../linux/resolve/ask.ts';
import { readResolvConf } from '../../linux/resolve/config.ts';
import { newId } from '../../linux/resolve/query.ts';
import { resolveHost, reverseName } from '../../linux/resolve/resolve.ts';
import { DNS_TYPES, makeQuery, RCODES } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
`;

interface Settings {
  type: string;
  ndots: number | null;
  port: number;
  recurse: boolean;
  tries: number;
  timeout: number;
  tcp: boolean;
}

function* main(proc: Proc): Program {
  const s: Settings = { type: '', ndots: null, port: 53, recurse: true, tries: 2, timeout: 5, tcp: false };
  const words: string[] = [];
  const args = proc.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      if ('cNtWRmpD'.includes(letter)) {
        const value = arg.slice(at + 1) || args[++i];
        if (value === undefined) {
          yield* printErr(`host: option requires an argument -- ${letter}\n${USAGE}`);
          return 1;
        }
        const problem = setValue(s, letter, value);
        if (problem) {
          yield* printErr(problem);
          return 1;
        }
        break;
      }
      if ('aAvdCliVw'.includes(letter)) return yield* notModelled(`host -${letter}`);
      if (letter === 'r') s.recurse = false;
      else if (letter === 'T') s.tcp = true;
      else if (!'sU46'.includes(letter)) {
        yield* printErr(`host: illegal option -- ${letter}\n${USAGE}`);
        return 1;
      }
    }
  }
  const [name, serverName] = words;
  if (name === undefined) {
    yield* printErr(USAGE);
    return 1;
  }
  return yield* lookUp(proc, s, name, serverName);
}

function setValue(s: Settings, letter: string, value: string): string | null {
  const number = /^\d+$/.test(value) ? Number(value) : 1;
  if (letter === 't') {
    const type = value.toUpperCase();
    if (!Object.hasOwn(DNS_TYPES, type)) return `host: invalid type: ${value}\n\n`;
    s.type = type;
  }
  if (letter === 'N') s.ndots = number;
  if (letter === 'W') s.timeout = Math.min(Math.max(1, number), 3600);
  if (letter === 'R') s.tries = Math.min(Math.max(1, number) + 1, 100);
  if (letter === 'p') s.port = number & 0xffff;
  return null;
}

function* lookUp(proc: Proc, s: Settings, name: string, serverName: string | undefined): Io<number> {
  const conf = readResolvConf(proc);
  if (s.ndots !== null) conf.ndots = s.ndots;
  let servers = conf.nameservers;
  let banner = '';
  if (serverName !== undefined) {
    const found = yield* resolveHost(proc, serverName);
    if (!found.ok) {
      yield* printErr(
        `host: couldn't get address for '${serverName}': ${found.error === 'TIMEOUT' ? 'failure' : 'not found'}\n`,
      );
      return 1;
    }
    servers = found.ips.slice(0, 1);
    banner = `Using domain server:\nName: ${serverName}\nAddress: ${formatIp(servers[0] as Ip)}#${s.port}\nAliases: \n\n`;
  }
  const options: AskOptions = {
    servers,
    port: s.port,
    tcp: s.tcp,
    tries: s.tries,
    timeout: s.timeout,
    ignoreTruncation: false,
  };
  const ip = parseIp(name);
  const reverse = ip !== null && s.type === '';
  let names = reverse ? [reverseName(ip)] : searchNames(conf, name, true);
  const types = reverse ? ['PTR'] : s.type ? [s.type] : ['A', 'AAAA', 'MX'];
  for (const [index, type] of types.entries()) {
    const found = yield* first(proc, s, options, names, type);
    if (!found) {
      yield* print(';; no servers could be reached\n');
      return 1;
    }
    yield* print(banner);
    banner = '';
    const { message } = found;
    if (message.rcode !== 0) {
      const shown =
        message.rcode === 3 && found.name === names.at(-1) && !reverse
          ? name
          : reverse
            ? found.name
            : found.name.replace(/\.$/, '');
      yield* print(`Host ${shown} not found: ${message.rcode}(${RCODES[message.rcode] ?? message.rcode})\n`);
      return 1;
    }
    if (message.answer.length === 0 && s.type !== '')
      yield* print(`${found.name.replace(/\.$/, '')} has no ${type} record\n`);
    else
      yield* print(
        message.answer
          .filter((r) => index === 0 || r.type !== 'CNAME')
          .map(sentence)
          .join(''),
      );
    // The other types are asked for the name that answered.
    names = [found.name];
  }
  return 0;
}

function* first(
  proc: Proc,
  s: Settings,
  options: AskOptions,
  names: string[],
  type: string,
): Io<{ message: DnsMessage; name: string } | null> {
  for (const [index, name] of names.entries()) {
    const answer = yield* ask(proc, options, makeQuery(newId(proc), name, type, { rd: s.recurse }), print);
    if (!answer.ok) return null;
    const { message } = answer;
    if (index < names.length - 1 && (message.rcode === 3 || (message.rcode === 0 && message.answer.length === 0)))
      continue;
    return { message, name };
  }
  return null;
}

const SENTENCES: Record<string, string> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  CNAME: 'is an alias for',
  PTR: 'domain name pointer',
  MX: 'mail is handled by',
  NS: 'name server',
  SRV: 'has SRV record',
  TXT: 'descriptive text',
  SOA: 'has SOA record',
  HINFO: 'host information',
};

const sentence = (r: DnsRecord): string =>
  `${r.name.replace(/\.$/, '')} ${SENTENCES[r.type] ?? `has ${r.type} record`} ${r.data}\n`;

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

export const command = defineCommand({
  name: 'host',
  dir: '/usr/bin',
  summary: 'look names up in DNS',
  images: ['node', 'netshoot'],
  options: [
    option('-t', 'type'),
    option('-W', 'seconds'),
    option('-R', 'number'),
    option('-T'),
    option('-p', 'port'),
    option('-N', 'ndots'),
    option('-r'),
    { flag: '-v', modelled: false },
    { flag: '-a', modelled: false },
    { flag: '-l', modelled: false },
  ],
  run: main,
});
