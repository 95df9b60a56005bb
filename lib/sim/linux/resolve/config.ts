/** The resolver's files: /etc/hosts, /etc/resolv.conf. Sources: hosts(5), resolv.conf(5), glibc 2.36 resolv/res_init.c. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';

export interface ResolvConf {
  nameservers: Ip[];
  search: string[];
  ndots: number;
  /** Seconds for one try, and tries. */
  timeout: number;
  attempts: number;
  useTcp: boolean;
  singleRequest: boolean;
}

const MAX_NAMESERVERS = 3;

/** Parses resolv.conf. Without a nameserver line the resolver asks this host (127.0.0.1). */
export function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = {
    nameservers: [],
    search: [],
    ndots: 1,
    timeout: 5,
    attempts: 2,
    useTcp: false,
    singleRequest: false,
  };
  for (const line of text.split('\n')) {
    const [key, ...values] = line
      .replace(/^[#;].*/, '')
      .trim()
      .split(/[ \t]+/);
    if (key === 'nameserver') {
      const ip = parseIp(values[0] ?? '');
      if (ip !== null && conf.nameservers.length < MAX_NAMESERVERS) conf.nameservers.push(ip);
    } else if (key === 'search' || key === 'domain') {
      conf.search = (key === 'domain' ? values.slice(0, 1) : values)
        .map((d) => d.replace(/\.$/, ''))
        .filter((d) => d !== '');
    } else if (key === 'options') for (const option of values) setOption(conf, option);
  }
  if (conf.nameservers.length === 0) conf.nameservers.push(0x7f000001);
  return conf;
}

function setOption(conf: ResolvConf, option: string): void {
  const [name, value] = option.split(':');
  const number = Number.parseInt(value ?? '', 10);
  if (name === 'ndots' && number >= 0) conf.ndots = Math.min(number, 15);
  if (name === 'timeout' && number >= 0) conf.timeout = Math.min(number, 30);
  if (name === 'attempts' && number >= 0) conf.attempts = Math.min(number, 5);
  if (name === 'use-vc') conf.useTcp = true;
  if (name === 'single-request' || name === 'single-request-reopen') conf.singleRequest = true;
}

export interface HostsEntry {
  ip: Ip;
  /** Canonical name first. */
  names: string[];
}

/** Parses /etc/hosts. Lines without an address or a name are left out. */
export function parseHosts(text: string): HostsEntry[] {
  const entries: HostsEntry[] = [];
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line
      .replace(/#.*/, '')
      .trim()
      .split(/[ \t]+/);
    const ip = parseIp(address);
    if (ip !== null && names.length > 0) entries.push({ ip, names });
  }
  return entries;
}

const readText = (proc: Proc, path: string): string => {
  const file = vfsOf(proc).readFile(path);
  return file.ok ? file.value : '';
};

/** The process's resolv.conf. */
export const readResolvConf = (proc: Proc): ResolvConf => parseResolvConf(readText(proc, '/etc/resolv.conf'));

/** The sources of host names in order, by /etc/nsswitch.conf; `files dns` where there is none (nsswitch.conf(5)). */
export function hostSources(proc: Proc): string[] {
  const line = readText(proc, '/etc/nsswitch.conf')
    .split('\n')
    .find((l) => /^\s*hosts:/.test(l));
  return line === undefined
    ? ['files', 'dns']
    : line
        .replace(/^\s*hosts:|#.*$/g, '')
        .trim()
        .split(/\s+/);
}

/** The process's hosts file. */
export const readHosts = (proc: Proc): HostsEntry[] => parseHosts(readText(proc, '/etc/hosts'));
