/** getent of glibc 2.36: hosts, ahosts, services, passwd, group. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { readHosts } from '../../linux/resolve/config.ts';
import { resolveAddress, resolveHost } from '../../linux/resolve/resolve.ts';
import { serviceName, servicePort } from '../../linux/resolve/services.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';

const NOT_FOUND = 2;
const OTHER_DATABASES = [
  'aliases',
  'ethers',
  'gshadow',
  'initgroups',
  'netgroup',
  'networks',
  'protocols',
  'rpc',
  'shadow',
];
const TRY = "Try `getent --help' or `getent --usage' for more information.\n";

function* main(proc: Proc): Program {
  const args = proc.argv.slice(1);
  const [database, ...keys] = args.filter((arg) => !arg.startsWith('-'));
  if (args.some((arg) => arg.startsWith('-')))
    return yield* notModelled(`getent ${args.find((arg) => arg.startsWith('-'))}`);
  if (database === undefined) {
    yield* printErr('getent: wrong number of arguments\n');
    yield* print(TRY);
    return 1;
  }
  switch (database) {
    case 'hosts':
      return keys.length === 0 ? yield* listHosts(proc) : yield* each(keys, (key) => hosts(proc, key));
    case 'ahosts':
    case 'ahostsv4':
    case 'ahostsv6': {
      const family = database === 'ahostsv4' ? 4 : database === 'ahostsv6' ? 6 : undefined;
      return keys.length === 0 ? yield* listHosts(proc) : yield* each(keys, (key) => ahosts(proc, key, family));
    }
    case 'services':
      return keys.length === 0 ? yield* notModelled('getent services without a key') : yield* each(keys, services);
    case 'passwd':
    case 'group':
      return yield* accounts(proc, `/etc/${database}`, keys);
  }
  if (OTHER_DATABASES.includes(database)) return yield* notModelled(`getent ${database}`);
  yield* printErr(`Unknown database: ${database}\n`);
  yield* print(TRY);
  return 1;
}

/** Looks every key up; 2 when one is missing. */
function* each(keys: readonly string[], find: (key: string) => Io<string | null>): Io<number> {
  let status = 0;
  for (const key of keys) {
    const text = yield* find(key);
    if (text === null) status = NOT_FOUND;
    else yield* print(text);
  }
  return status;
}

const line = (ip: Ip, names: readonly string[]): string => `${formatIp(ip).padEnd(15)} ${names.join(' ')}\n`;

function* hosts(proc: Proc, key: string): Io<string | null> {
  const ip = parseIp(key);
  if (ip !== null) {
    const entry = readHosts(proc).find((e) => e.ip === ip);
    if (entry) return line(ip, entry.names);
    const name = yield* resolveAddress(proc, ip);
    return name === null ? null : line(ip, [name]);
  }
  const entry = readHosts(proc).find((e) => e.names.some((name) => name.toLowerCase() === key.toLowerCase()));
  if (entry) return line(entry.ip, entry.names);
  // gethostbyname2() asks for IPv6 first.
  let found = yield* resolveHost(proc, key, 6);
  if (!found.ok && found.error !== 'TIMEOUT') found = yield* resolveHost(proc, key, 4);
  if (!found.ok) return null;
  const { canonical, ips, aliases } = found;
  return ips.map((address) => line(address, [canonical, ...aliases])).join('');
}

function* ahosts(proc: Proc, key: string, family?: 4 | 6): Io<string | null> {
  const found = yield* resolveHost(proc, key, family);
  if (!found.ok) return null;
  return found.ips
    .map((ip, i) => {
      const address = formatIp(ip).padEnd(15);
      return `${address} STREAM ${i === 0 ? found.canonical : ''}\n${address} DGRAM  \n${address} RAW    \n`;
    })
    .join('');
}

function* listHosts(proc: Proc): Io<number> {
  const entries = readHosts(proc);
  const v4 = entries.filter((entry) => typeof entry.ip === 'number');
  const v6 = entries.filter((entry) => typeof entry.ip === 'bigint');
  yield* print([...v4, ...v6].map((entry) => line(entry.ip, entry.names)).join(''));
  return 0;
}

function* services(key: string): Io<string | null> {
  const [name = '', wanted] = key.split('/');
  const port = /^\d+$/.test(name) ? Number(name) : null;
  const found = port === null ? servicePort(name, wanted) : null;
  const proto = wanted ?? found?.protos[0] ?? (port !== null && serviceName(port, 'tcp') ? 'tcp' : 'udp');
  const official = serviceName(port ?? found?.port ?? 0, proto as 'tcp' | 'udp');
  if (official === null) return null;
  const entry = servicePort(official, proto);
  return `${official.padEnd(21)} ${port ?? found?.port}/${proto}${entry?.aliases.length ? ` ${entry.aliases.join(' ')}` : ''}\n`;
}

function* accounts(proc: Proc, path: string, keys: readonly string[]): Io<number> {
  const file = vfsOf(proc).readFile(path);
  const lines = file.ok ? file.value.split('\n').filter((l) => l !== '') : [];
  if (keys.length === 0) {
    yield* print(lines.map((l) => `${l}\n`).join(''));
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const found = lines.find((l) => l.split(':')[0] === key || l.split(':')[2] === key);
    if (found) yield* print(`${found}\n`);
    else status = NOT_FOUND;
  }
  return status;
}

export const command = defineCommand({
  name: 'getent',
  dir: '/usr/bin',
  summary: 'look entries up in the name service',
  images: ['node', 'netshoot'],
  options: [],
  notModelled: ['databases other than hosts, ahosts, ahostsv4, ahostsv6, services, passwd, group'],
  run: main,
  complete: ({ words }) =>
    words.length === 1 ? ['hosts', 'ahosts', 'ahostsv4', 'ahostsv6', 'services', 'passwd', 'group'] : [],
});
