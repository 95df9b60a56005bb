/** traceroute 2.1.2 (Dmitry Butskoy's). */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { HELP, TCP_HELP } from './help.ts';
import { icmpMethod, packetLength, tcpMethod, udpMethod } from './methods.ts';
import { parseOptions } from './options.ts';
import { trace } from './run.ts';

const STRERROR: Record<string, string> = {
  ENETUNREACH: 'Network is unreachable',
  EHOSTUNREACH: 'No route to host',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENODEV: 'No such device',
  EINVAL: 'Invalid argument',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EMSGSIZE: 'Message too long',
  EAGAIN: 'Resource temporarily unavailable',
};

function* main(proc: Proc): Program {
  const args = proc.argv.slice(1);
  const parsed = parseOptions(args);
  if (!parsed.ok) {
    if (parsed.kind === 'notModelled') return yield* notModelled(parsed.text);
    if (parsed.kind === 'help' || parsed.kind === 'tcpHelp') {
      yield* printErr(parsed.kind === 'help' ? HELP : TCP_HELP);
      return 0;
    }
    if (parsed.kind === 'version') {
      yield* printErr(
        'Modern traceroute for Linux, version 2.1.2\nCopyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later\n',
      );
      return 0;
    }
    yield* printErr(`${parsed.text}\n`);
    return 2;
  }
  const o = parsed.options;
  if (proc.argv[0]?.endsWith('6')) o.family ??= 6;
  const found = yield* resolveHost(proc, o.host, o.family ?? undefined);
  if (!found.ok) {
    const literal = o.family !== null && (yield* resolveHost(proc, o.host)).ok;
    const why = literal ? 'Address family for hostname not supported' : GAI_TEXT[found.error];
    yield* printErr(
      `${o.host}: ${why}\nCannot handle "host" cmdline arg \`${o.host}' on position 1 (argc ${args.indexOf(o.host) + 1})\n`,
    );
    return 2;
  }
  const to = found.ips.find((ip) => typeof ip === 'number') ?? (found.ips[0] as Ip);
  const method =
    o.method === 'icmp'
      ? icmpMethod(proc, o, to)
      : o.method === 'tcp'
        ? tcpMethod(proc, o, to)
        : udpMethod(proc, o, to);
  let failed: { call: string; errno: string } | null;
  if ('call' in method) failed = method;
  else {
    yield* print(
      `traceroute to ${o.host} (${formatIp(to)}), ${o.maxHops} hops max, ${packetLength(o, to)} byte packets`,
    );
    failed = yield* trace(proc, o, method);
  }
  if (!failed) return 0;
  yield* printErr(`\n${failed.call}: ${STRERROR[failed.errno] ?? failed.errno}\n`);
  return 1;
}

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

export const command = defineCommand({
  name: 'traceroute',
  aliases: ['traceroute6'],
  dir: '/usr/sbin',
  summary: 'print the route packets take to a host',
  images: ['node', 'netshoot'],
  options: [
    option('-n'),
    option('-I'),
    option('-T'),
    option('-U'),
    option('-p', 'port'),
    option('-m', 'max_ttl'),
    option('-q', 'nqueries'),
    option('-w', 'MAX,HERE,NEAR'),
    option('-f', 'first_ttl'),
    option('-N', 'squeries'),
    option('-i', 'device'),
    option('-s', 'src_addr'),
    option('-t', 'tos'),
    option('-z', 'sendwait'),
    option('-F'),
    option('-4'),
    option('-6'),
    option('-V'),
    option('--help'),
    option('--mtu'),
    option('--back'),
    option('--sport', 'num'),
    option('--fwmark', 'num'),
    option('-O', 'info'),
    option('-r'),
    option('-e'),
    option('-l', 'flow_label'),
    option('-M', 'name'),
    { flag: '-A', modelled: false },
    { flag: '-D', modelled: false },
    { flag: '-P', value: 'prot', modelled: false },
    { flag: '-g', value: 'gate', modelled: false },
  ],
  run: main,
});
