/** nslookup of BIND 9.18, not interactive. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { type AskOptions, ask, searchNames } from '../../linux/resolve/ask.ts';
import { readResolvConf } from '../../linux/resolve/config.ts';
import { newId } from '../../linux/resolve/query.ts';
import { resolveHost, reverseName } from '../../linux/resolve/resolve.ts';
import { DNS_TYPES, makeQuery, RCODES, validName } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import { notModelled, print, printErr } from '../io.ts';

interface Settings {
  type: string;
  port: number;
  tcp: boolean;
  tries: number;
  timeout: number;
  search: boolean;
  recurse: boolean;
}

type Outcome = { message: DnsMessage; name: string; server: Ip } | { failed: true };

/** Runs `nslookup [-option …] NAME [SERVER]`. */
export function* bindNslookup(proc: Proc): Io<number> {
  const s: Settings = { type: '', port: 53, tcp: false, tries: 3, timeout: 5, search: true, recurse: true };
  const words: string[] = [];
  for (const arg of proc.argv.slice(1)) {
    if (!arg.startsWith('-') || words.length > 0) {
      words.push(arg);
      continue;
    }
    const problem = set(s, arg.slice(1));
    if (problem === 'notModelled') return yield* notModelled(`nslookup ${arg}`);
    if (problem) yield* print(problem);
  }
  const [name, serverName] = words;
  if (name === undefined || name === '') return yield* notModelled('nslookup without a name (interactive mode)');
  const conf = readResolvConf(proc);
  let servers = conf.nameservers;
  if (serverName !== undefined) {
    const found = yield* resolveHost(proc, serverName);
    if (!found.ok) {
      yield* printErr(
        `nslookup: couldn't get address for '${serverName}': ${found.error === 'TIMEOUT' ? 'failure' : 'not found'}\n`,
      );
      return 1;
    }
    servers = found.ips.slice(0, 1);
  }
  const run: Run = {
    proc,
    s,
    options: { servers, port: s.port, tcp: s.tcp, tries: s.tries, timeout: s.timeout, ignoreTruncation: false },
    checkRecursion: serverName === undefined,
  };
  const address = parseIp(name);
  if (address !== null && (s.type === '' || s.type === 'PTR')) return yield* reverse(run, reverseName(address));
  if (!validName(name)) {
    yield* printErr(
      `nslookup: '${name}' is not a legal name (${name.includes('..') ? 'empty label' : 'label too long'})\n`,
    );
    return 1;
  }
  return yield* forward(run, name);
}

interface Run {
  proc: Proc;
  s: Settings;
  options: AskOptions;
  checkRecursion: boolean;
}

function set(s: Settings, text: string): string | null {
  const [key = '', value = ''] = text.split(/=(.*)/s);
  const number = /^\d+$/.test(value) ? Number(value) : null;
  if (/^(?:ty(?:pe)?|q(?:u(?:e(?:ry(?:type)?)?)?)?)$/.test(key)) {
    const type = value.toUpperCase();
    if (!Object.hasOwn(DNS_TYPES, type)) return `unknown query type: ${value}\n`;
    s.type = type;
  } else if (/^timeo?u?t?$/.test(key) && number !== null) s.timeout = Math.min(Math.max(1, number), 3600);
  else if (/^ret(?:r(?:y)?)?$/.test(key) && number !== null) s.tries = Math.min(number + 1, 100);
  else if (/^po(?:r(?:t)?)?$/.test(key) && number !== null) s.port = number & 0xffff;
  else if (key === 'vc') s.tcp = true;
  else if (key === 'novc') s.tcp = false;
  else if (key === 'nosearch' || key === 'nosea') s.search = false;
  else if (key === 'search' || key === 'sea' || key === 'fail' || key === 'nofail') return null;
  else if (key === 'norec' || key === 'norecurse') s.recurse = false;
  else if (/^(?:debug|d2|all|ndots|class|cl|domain|do|srchlist|defname|def|version)$/.test(key)) return 'notModelled';
  else return `*** Invalid option: ${text}\n`;
  return null;
}

/** Asks the search list's names in turn. */
function* lookUp(run: Run, names: string[], type: string): Io<Outcome> {
  for (const [index, name] of names.entries()) {
    const query = makeQuery(newId(run.proc), name, type, { rd: run.s.recurse });
    const answer = yield* ask(run.proc, run.options, query, print);
    if (!answer.ok) {
      if (!answer.setup) yield* print(';; no servers could be reached\n');
      return { failed: true };
    }
    const { message, server } = answer;
    if (message.rcode === 2) yield* print(`;; Got SERVFAIL reply from ${formatIp(server)}\n`);
    else if (run.checkRecursion && query.rd && !message.ra)
      yield* print(`;; Got recursion not available from ${formatIp(server)}\n`);
    if (index < names.length - 1 && (message.rcode === 3 || (message.rcode === 0 && message.answer.length === 0)))
      continue;
    return { message, name, server };
  }
  return { failed: true };
}

const plain = (name: string): string => (name === '.' ? '.' : name.replace(/\.$/, ''));

function* reverse(run: Run, name: string): Io<number> {
  const found = yield* lookUp(run, [name], 'PTR');
  if ('failed' in found) {
    yield* print('\n');
    return 1;
  }
  const { message } = found;
  if (message.rcode !== 0) {
    yield* print(`** server can't find ${plain(name)}: ${RCODES[message.rcode] ?? message.rcode}\n\n`);
    return 1;
  }
  if (message.answer.length === 0) yield* print(`*** Can't find ${plain(name)}: No answer\n\n`);
  else yield* print(`${message.aa ? '' : 'Non-authoritative answer:\n'}${records(message.answer)}\n`);
  return 0;
}

function* forward(run: Run, name: string): Io<number> {
  const conf = readResolvConf(run.proc);
  const names = searchNames(conf, name, run.s.search);
  const first = yield* lookUp(run, names, run.s.type || 'A');
  if ('failed' in first) {
    yield* print('\n');
    return 1;
  }
  const { message, server } = first;
  yield* print(`Server:\t\t${formatIp(server)}\nAddress:\t${formatIp(server)}#${run.s.port}\n\n`);
  if (message.rcode !== 0) {
    const shown = first.name === names.at(-1) && message.rcode === 3 ? name : first.name;
    yield* print(`** server can't find ${plain(shown)}: ${RCODES[message.rcode] ?? message.rcode}\n\n`);
    return 1;
  }
  yield* show(message);
  let empty = message.answer.length === 0;
  if (run.s.type === '') {
    const second = yield* lookUp(run, [first.name], 'AAAA');
    if ('failed' in second) {
      yield* print('\n');
      return 1;
    }
    if (second.message.rcode === 0 && second.message.answer.some((r) => r.type === 'AAAA')) {
      yield* show({ ...second.message, answer: second.message.answer.filter((r) => r.type === 'AAAA') }, !empty);
      empty = false;
    }
  }
  yield* print(empty ? `*** Can't find ${plain(name)}: No answer\n\n` : '\n');
  return 0;
}

function* show(message: DnsMessage, more = false): Io<void> {
  if (message.answer.length > 0)
    yield* print(`${message.aa || more ? '' : 'Non-authoritative answer:\n'}${records(message.answer)}`);
}

const LABELS: Record<string, string> = {
  CNAME: 'canonical name = ',
  NS: 'nameserver = ',
  PTR: 'name = ',
  MX: 'mail exchanger = ',
  TXT: 'text = ',
  SRV: 'service = ',
};

function records(list: readonly DnsRecord[]): string {
  return list
    .map((r) => {
      const name = plain(r.name);
      if (r.type === 'A' || r.type === 'AAAA') return `Name:\t${name}\nAddress: ${r.data}\n`;
      if (r.type === 'SOA') return `${name}\n${soa(r.data)}`;
      return `${name}\t${LABELS[r.type] ?? `rdata_${DNS_TYPES[r.type] ?? 0} = `}${r.data}\n`;
    })
    .join('');
}

function soa(data: string): string {
  const [origin = '', mail = '', ...numbers] = data.split(' ');
  const names = ['serial', 'refresh', 'retry', 'expire', 'minimum'];
  return `\torigin = ${plain(origin)}\n\tmail addr = ${plain(mail)}\n${names.map((n, i) => `\t${n} = ${numbers[i]}\n`).join('')}`;
}
