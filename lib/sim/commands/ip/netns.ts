/** `ip netns`: ip/ipnetns.c of iproute2. Names are files under /run/netns of the process's root. */
import type { Program } from '../../kernel/process.ts';
import { createNetns, destroyNetns } from '../../linux/netns/netns.ts';
import { freeNsid } from '../../linux/netns/nsid.ts';
import { notify } from '../../linux/notify.ts';
import type { NetNs } from '../../linux/types.ts';
import { getNode, putDir, putNode, removeNode } from '../../shell/vfs/tree.ts';
import {
  Args,
  Exit,
  getUnsigned,
  invarg,
  type Json,
  matches,
  notModelledExit,
  Printer,
  writeJson,
} from '../../text/iproute.ts';
import { isTty, print, waitFor } from '../io.ts';
import type { Ip } from './context.ts';
import { execProgram } from './exec.ts';
import { USAGE } from './help.ts';

const DIR = '/run/netns';

/** Named namespaces, newest first (the order tmpfs lists them in). */
export function namedNetns(ip: Ip): { name: string; netns: number }[] {
  const dir = getNode(ip.proc.root, DIR);
  if (dir?.type !== 'dir') return [];
  const named: { name: string; netns: number }[] = [];
  for (const [name, node] of dir.entries) if (node.type === 'netns') named.push({ name, netns: node.netns });
  return named.reverse();
}

/** The namespace of that name, or the end of the program: netns_switch(). */
export function openNetns(ip: Ip, name: string): NetNs {
  const node = getNode(ip.proc.root, `${DIR}/${name}`);
  const ns = node?.type === 'netns' ? ip.world.netns.get(node.netns) : undefined;
  if (!ns) {
    if (node) throw new Exit(255, `setting the network namespace "${name}" failed: Invalid argument\n`);
    throw new Exit(255, `Cannot open network namespace "${name}": No such file or directory\n`);
  }
  return ns;
}

/** A namespace by name or by the pid of a process in it: netns_get_fd. Null when there is none. */
export function netnsByWord(ip: Ip, word: string): NetNs | null {
  const node = getNode(ip.proc.root, `${DIR}/${word}`);
  if (node?.type === 'netns') return ip.world.netns.get(node.netns) ?? null;
  const pid = getUnsigned(word);
  // The first process of a host is not in its table: it lives in the host's own namespace.
  const info = pid === null ? undefined : pid === 1 ? { netns: ip.host.rootNs } : ip.host.processes.get(pid);
  return info ? (ip.world.netns.get(info.netns) ?? null) : null;
}

const validName = (name: string): boolean =>
  name !== '' && name.length <= 255 && !name.includes('/') && name !== '.' && name !== '..';

function checkName(words: readonly string[]): string {
  const [name] = words;
  if (name === undefined) throw new Exit(1, 'No netns name specified\n');
  return name;
}

function add(ip: Ip, words: readonly string[]): number {
  const name = checkName(words);
  putDir(ip.proc.root, DIR);
  if (getNode(ip.proc.root, `${DIR}/${name}`))
    throw new Exit(1, `Cannot create namespace file "${DIR}/${name}": File exists\n`);
  const ns = createNetns(ip.world, ip.host, `${ip.host.name}:${name}`);
  bind(ip, name, ns);
  return 0;
}

const bind = (ip: Ip, name: string, ns: NetNs): void =>
  putNode(ip.proc.root, `${DIR}/${name}`, {
    type: 'netns',
    netns: ns.id,
    mode: 0o444,
    uid: 0,
    gid: 0,
    mtime: ip.world.now,
  });

function attach(ip: Ip, words: readonly string[]): number {
  const [name, pid] = words;
  if (name === undefined || pid === undefined) throw new Exit(1, 'No netns name and PID specified\n');
  const number = getUnsigned(pid);
  if (number === null) throw new Exit(1, `Invalid PID: ${pid}\n`);
  const info = ip.host.processes.get(number);
  const ns = info && ip.world.netns.get(info.netns);
  if (getNode(ip.proc.root, `${DIR}/${name}`))
    throw new Exit(1, `Cannot create namespace file "${DIR}/${name}": File exists\n`);
  if (!ns) throw new Exit(1, `Bind /proc/${pid}/ns/net -> ${DIR}/${name} failed: No such file or directory\n`);
  putDir(ip.proc.root, DIR);
  bind(ip, name, ns);
  return 0;
}

/** Whether something still holds a namespace: a name, a process, a host's root. */
function inUse(ip: Ip, id: number): boolean {
  if (id === ip.host.rootNs || namedNetns(ip).some((n) => n.netns === id)) return true;
  for (const info of ip.host.processes.values()) if (info.netns === id && info.exit === null) return true;
  return false;
}

function remove(ip: Ip, words: readonly string[]): number {
  if (ip.opts.all && words.length === 0) {
    for (const { name } of namedNetns(ip)) unlink(ip, name);
    return 0;
  }
  return unlink(ip, checkName(words));
}

function unlink(ip: Ip, name: string): number {
  const path = `${DIR}/${name}`;
  const node = getNode(ip.proc.root, path);
  if (!node) throw new Exit(1, `Cannot remove namespace file "${path}": No such file or directory\n`);
  removeNode(ip.proc.root, path);
  if (node.type === 'netns' && !inUse(ip, node.netns)) {
    const ns = ip.world.netns.get(node.netns);
    if (ns) destroyNetns(ip.world, ns);
  }
  return 0;
}

function list(ip: Ip): number {
  const named = namedNetns(ip);
  if (ip.opts.json) {
    const items = named.map(({ name, netns }) => {
      const id = ip.ns.nsids.get(netns);
      return id === undefined ? { name } : { name, id };
    });
    ip.out += `${writeJson(items as Json, ip.opts.pretty)}\n`;
    return 0;
  }
  for (const { name, netns } of named) {
    const id = ip.ns.nsids.get(netns);
    ip.out += `${name}${id === undefined ? '' : ` (id: ${id})`}\n`;
  }
  return 0;
}

function identify(ip: Ip, words: readonly string[]): number {
  const [word] = words;
  let id = ip.proc.netns.id;
  if (word !== undefined) {
    const pid = getUnsigned(word);
    if (pid === null) throw new Exit(1, `Specified string '${word}' is not a pid\n`);
    const info = pid === 1 ? { netns: ip.host.rootNs } : ip.host.processes.get(pid);
    if (!info) throw new Exit(1, `Cannot open network namespace: No such file or directory\n`);
    id = info.netns;
  }
  ip.out += `${namedNetns(ip)
    .filter((n) => n.netns === id)
    .map((n) => n.name)
    .join('\n')}\n`;
  return 0;
}

function pids(ip: Ip, words: readonly string[]): number {
  const name = checkName(words);
  if (words.length > 1) throw new Exit(1, 'extra arguments specified\n');
  const node = getNode(ip.proc.root, `${DIR}/${name}`);
  if (node?.type !== 'netns') throw new Exit(1, `Cannot open network namespace: No such file or directory\n`);
  for (const info of ip.host.processes.values())
    if (info.netns === node.netns && info.exit === null) ip.out += `${info.pid}\n`;
  return 0;
}

function* exec(ip: Ip, words: readonly string[]): Program {
  const targets = ip.opts.all ? namedNetns(ip).map((n) => n.name) : [checkName(words)];
  const argv = ip.opts.all ? [...words] : words.slice(1);
  if (argv.length === 0) throw new Exit(1, 'No command specified\n');
  let status = 0;
  for (const name of targets) {
    const ns = openNetns(ip, name);
    if (ip.opts.all) yield* print(`\nnetns: ${name}\n`);
    status = yield* execProgram(ip, argv, ns);
  }
  // The statuses of several are told to no one.
  return ip.opts.all ? 0 : status;
}

function setId(ip: Ip, words: readonly string[]): number {
  const name = checkName(words);
  const word = words[1];
  if (word === undefined) throw new Exit(1, 'No nsid specified\n');
  const id = word === 'auto' ? null : getUnsigned(word.replace(/^-/, ''));
  if (word !== 'auto' && id === null)
    throw new Exit(255, `Error: argument "${word}" is wrong: Invalid "netnsid" value\n`);
  if (word.startsWith('-')) throw new Exit(255, `Error: argument "${word}" is wrong: "netnsid" value should be >= 0\n`);
  const node = getNode(ip.proc.root, `${DIR}/${name}`);
  const ns = node?.type === 'netns' ? ip.world.netns.get(node.netns) : undefined;
  if (!ns) throw new Exit(1, `Cannot open network namespace "${name}": No such file or directory\n`);
  if (ip.ns.nsids.has(ns.id)) {
    if (id === null) return 0;
    ip.err += 'Error: Peer netns already has a nsid assigned.\n';
    return 2;
  }
  if (id !== null && [...ip.ns.nsids.values()].includes(id)) {
    ip.err += 'Error: The specified nsid is already used.\n';
    return 2;
  }
  notify(ip.ns, { kind: 'nsid', deleted: false, netns: ns.id, id: id ?? freeNsid(ip.ns) });
  ip.ns.nsids.set(ns.id, id ?? freeNsid(ip.ns));
  return 0;
}

/** `ip netns list-id`: the ids this namespace knows others by, and their names. */
function listIds(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  let only: number | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word !== 'nsid' && word !== 'target-nsid') throw new Exit(255, USAGE.netns);
    const id = getUnsigned(args.next().replace(/^-/, ''));
    if (id === null) throw invarg(`"${word}" value is invalid`, args.word);
    if (args.word.startsWith('-')) throw invarg(`"${word}" value should be >= 0`, args.word);
    if (word === 'nsid') only = id;
    else throw notModelledExit('ip netns list-id target-nsid');
  }
  const ids = [...ip.ns.nsids].filter(([, id]) => only === null || id === only).sort((a, b) => a[1] - b[1]);
  if (only !== null && ids.length === 0) throw new Exit(2, 'Error: Peer netns reference is invalid.\n');
  const names = new Map(namedNetns(ip).map((n) => [n.netns, n.name]));
  const p = new Printer(ip.opts.json);
  for (const [netns, id] of ids) {
    const name = names.get(netns);
    p.open();
    p.any('nsid', id, `nsid ${id} `);
    if (name !== undefined) p.any('name', name, `(iproute2 netns name: ${name})`);
    p.fp('\n');
    p.close();
  }
  ip.out += p.output(ip.opts.pretty);
  return 0;
}

/** `ip netns monitor`: names that come and go under /run/netns, as inotify(7) tells of them. */
function* monitorNetns(ip: Ip): Program {
  let known = new Set(namedNetns(ip).map((n) => n.name));
  for (;;) {
    const now = () => new Set(namedNetns(ip).map((n) => n.name));
    const changed = () => {
      const names = now();
      return names.size !== known.size || [...names].some((n) => !known.has(n));
    };
    yield* waitFor(changed);
    const names = now();
    // Standard output is flushed line by line on a terminal alone; whoever stops the program loses the rest.
    if (isTty(ip.proc, 1)) {
      for (const name of names) if (!known.has(name)) yield* print(`add ${name}\n`);
      for (const name of known) if (!names.has(name)) yield* print(`delete ${name}\n`);
    }
    known = names;
  }
}

/** `ip netns …` */
export function netns(ip: Ip, words: readonly string[]): number | Program {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.netns);
  if (rest[0] !== undefined && !validName(rest[0]) && !matches(verb, 'exec'))
    throw new Exit(255, `Invalid netns name "${rest[0]}"\n`);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(ip);
  if (matches(verb, 'list-id')) return listIds(ip, rest);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'set')) return setId(ip, rest);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'identify')) return identify(ip, rest);
  if (matches(verb, 'pids')) return pids(ip, rest);
  if (matches(verb, 'exec')) return exec(ip, rest);
  if (matches(verb, 'monitor')) return monitorNetns(ip);
  if (matches(verb, 'attach')) return attach(ip, rest);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip netns help".\n`);
}
