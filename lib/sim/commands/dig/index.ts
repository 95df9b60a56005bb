/** dig 9.18 (BIND). */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextU32 } from '../../kernel/rng.ts';
import { ask, searchNames } from '../../linux/resolve/ask.ts';
import { readResolvConf } from '../../linux/resolve/config.ts';
import { newId } from '../../linux/resolve/query.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { DNS_TYPES, makeQuery, validName } from '../../linux/resolve/wire.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { type Lookup, parseArgs } from './options.ts';
import { printReply } from './print.ts';
import { HELP, USAGE, VERSION } from './texts.ts';

function* main(proc: Proc): Program {
  const parsed = parseArgs(proc.argv.slice(1));
  if (!parsed.ok) {
    switch (parsed.kind) {
      case 'notModelled':
        return yield* notModelled(parsed.text);
      case 'help':
        yield* print(HELP);
        return 0;
      case 'version':
        yield* printErr(`DiG ${VERSION}\n`);
        return 0;
      case 'port':
        yield* print(`invalid port number '${parsed.text}': not a valid number\n`);
        yield* printErr("dig: Couldn't parse port number\n");
        return 1;
      case 'fatal':
        yield* printErr(`dig: ${parsed.text}\n`);
        return 1;
      case 'number':
        yield* print(`invalid ${parsed.text}: not a valid number\n`);
        yield* printErr(`dig: Couldn't parse ${parsed.text.split(' ')[0]}\n`);
        return 10;
      default:
        yield* printErr(`Invalid option: ${parsed.text}\n${USAGE}`);
        return 1;
    }
  }
  yield* printErr(parsed.warnings);
  const run: Run = { proc, banner: '', status: 0, cookie: hex8(proc) };
  const first = parsed.lookups[0] as Lookup;
  if (first.cmd)
    run.banner = `\n; <<>> DiG ${VERSION} <<>>${proc.argv
      .slice(1)
      .map((word) => ` ${word}`)
      .join('')}\n`;
  for (const lookup of parsed.lookups) {
    const stop = yield* look(run, lookup);
    if (stop !== null) return stop;
  }
  return run.status;
}

interface Run {
  proc: Proc;
  /** The command line comment, printed before the first reply. */
  banner: string;
  status: number;
  cookie: string;
}

const hex8 = (proc: Proc): string => {
  const word = () => nextU32(proc.world.rng).toString(16).padStart(8, '0');
  return word() + word();
};

/** One lookup. Answers the exit status when dig ends at once. */
function* look(run: Run, l: Lookup): Io<number | null> {
  const { proc } = run;
  const conf = readResolvConf(proc);
  let servers = conf.nameservers;
  if (l.server !== '') {
    const ip = parseIp(l.server);
    const found = ip === null ? yield* resolveHost(proc, l.server) : null;
    if (found && !found.ok) {
      yield* printErr(
        `dig: couldn't get address for '${l.server}': ${found.error === 'TIMEOUT' ? 'failure' : 'not found'}\n`,
      );
      return 1;
    }
    servers = ip !== null ? [ip] : (found as { ips: Ip[] }).ips;
  }
  if (run.banner && l.server !== '' && l.serverFirst)
    run.banner += `; (${servers.length} server${servers.length === 1 ? '' : 's'} found)\n`;
  if (run.banner) run.banner += ';; global options: +cmd\n';
  if (!validName(l.name)) {
    yield* printErr(
      `dig: '${l.name}' is not a legal name (${l.name.includes('..') ? 'empty label' : 'label too long'})\n`,
    );
    return 10;
  }
  const options = {
    servers,
    port: l.port,
    tcp: l.tcp,
    tries: l.tcp ? l.tries : l.tries,
    timeout: l.timeout,
    ignoreTruncation: l.ignore,
  };
  const names = searchNames(conf, l.name, l.search);
  for (const [index, name] of names.entries()) {
    const edns = l.edns ? { size: l.bufsize, ...(l.cookie ? { cookie: run.cookie } : {}) } : undefined;
    const query = makeQuery(newId(proc), name, l.type, { rd: l.recurse, ad: l.ad, ...(edns ? { edns } : {}) });
    const answer = yield* ask(proc, options, query, print);
    if (!answer.ok) {
      run.status = 9;
      if (!answer.setup) yield* print(`${run.banner};; no servers could be reached\n`);
      run.banner = '';
      return null;
    }
    const more = index < names.length - 1;
    if (
      more &&
      (answer.message.rcode === 3 || (answer.message.rcode === 0 && answer.message.answer.length === 0 && l.search))
    )
      continue;
    yield* print(run.banner + printReply(l, answer, proc.world.epoch + proc.world.now / 1e6, run.cookie));
    run.banner = '';
    return null;
  }
  return null;
}

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

export const command = defineCommand({
  name: 'dig',
  dir: '/usr/bin',
  summary: 'look names up in DNS',
  images: ['node', 'netshoot'],
  options: [
    option('+short'),
    option('+noall'),
    option('+answer'),
    option('+tcp'),
    option('+search'),
    option('+time', 'seconds'),
    option('+tries', 'number'),
    option('+norecurse'),
    option('+nocomments'),
    option('+nostats'),
    option('+nocookie'),
    option('+noedns'),
    option('-x', 'address'),
    option('-t', 'type'),
    option('-p', 'port'),
    option('-q', 'name'),
    option('-4'),
    option('-6'),
    option('-u'),
    { flag: '+trace', modelled: false },
    { flag: '+dnssec', modelled: false },
    { flag: '-f', value: 'file', modelled: false },
  ],
  run: main,
  complete: () => Object.keys(DNS_TYPES),
});
