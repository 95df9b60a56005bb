/** CoreDNS 1.12.1: reads its Corefile, answers on UDP and TCP, reloads what changed. Sources: coredns/coredns coremain/run.go, core/dnsserver/server.go, plugin/{log,errors,loop,reload}. */
import { formatIp } from '../../addr/ip.ts';
import { notModelled, print, waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow, nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { askUdp } from '../../linux/resolve/query.ts';
import { sendMessage, serveMessages } from '../../linux/resolve/stream.ts';
import { decodeDns, encodeDns, makeQuery, RCODES } from '../../linux/resolve/wire.ts';
import {
  accept,
  bind,
  closeSocket,
  listen,
  openSocket,
  ownSocket,
  recvFrom,
  sendTo,
} from '../../linux/socket/index.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { sha512 } from '../../text/sha2.ts';
import { getObject } from '../store/store.ts';
import { type Cached, failure, type Outcome, resolve, serverFor } from './chain.ts';
import { loadConfig, NotModelledPlugin, type Server } from './config.ts';
import { CorefileError } from './corefile.ts';
import { exchange } from './forward.ts';
import { type Counts, type Page, servePage } from './http.ts';

const COREFILE = '/etc/coredns/Corefile';
const TCP_IDLE = 10_000_000;
/** Bytes of a datagram for a client that tells nothing, and the most CoreDNS sends one that does. */
const CLASSIC_SIZE = 512;
const LARGEST = 4096;
/** How long after its start a loop is looked for, µs. */
const LOOP_WATCH = 32_000_000;
const REFUSED = 5;

interface Listener {
  port: number;
  udp: Socket;
  tcp: Socket;
}

/** All it remembers; plain data, so that a scene can be copied. */
export interface State {
  source: Source;
  text: string;
  servers: Server[];
  listeners: Listener[];
  pages: { page: Page; port: number; socket: Socket }[];
  kept: Map<string, Cached>;
  counts: Counts;
  loop: { name: string; seen: number; until: number } | null;
  reloadAt: number | null;
  /** Upstream that is asked next: the model takes turns, by chance from the start. */
  turn: number;
}

/** Where a Corefile comes from: its ConfigMap in kube-system, and what stands for placeholders in it. */
export interface Source {
  configMap: string;
  replace: [string, string][];
}

/** The Corefile: the mounted file, or what its ConfigMap holds where nothing mounts it. */
function corefile(proc: Proc, { configMap, replace }: Source): string {
  const file = vfsOf(proc).readFile(COREFILE);
  const text = file.ok
    ? file.value
    : String(getObject(proc.world, 'configmaps', 'kube-system', configMap)?.data?.Corefile ?? '');
  return replace.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

function load(proc: Proc, text: string): Server[] {
  const conf = vfsOf(proc).readFile('/etc/resolv.conf');
  return loadConfig(text, conf.ok ? conf.value : '');
}

/** The program. Queries are answered in the order in which they come; forwarded ones each in a process of their own. */
export function* coredns(proc: Proc, rest?: State): Program {
  return yield* serveCorefile(proc, coredns, { configMap: 'coredns', replace: [] }, rest);
}

type Main = (proc: Proc, rest?: State) => Program;

/** CoreDNS as part of a program: `main` is where a copy of it goes on, `rest` what it goes on with. */
export function* serveCorefile(proc: Proc, main: Main, source: Source, rest?: State): Io<number> {
  const { machine } = proc;
  // Its threads end with it.
  proc.atExit.push(() => {
    for (const child of [...machine.procs.values()]) if (child.parent === proc) machine.kill(child, 137);
  });
  if (rest) {
    for (const l of rest.listeners) for (const socket of [l.udp, l.tcp]) ownSocket(proc, socket);
    for (const { socket } of rest.pages) ownSocket(proc, socket);
    return yield* serve(proc, main, rest);
  }
  const text = corefile(proc, source);
  let servers: Server[];
  try {
    servers = load(proc, text);
  } catch (error) {
    if (error instanceof NotModelledPlugin) return yield* notModelled(error.message);
    if (!(error instanceof CorefileError)) throw error;
    yield* print(`${error.message}\n`);
    return 1;
  }
  const opened = open(proc, servers);
  if (typeof opened === 'string') {
    yield* print(`${opened}\n`);
    return 1;
  }
  const state: State = {
    source,
    text,
    servers,
    ...opened,
    kept: new Map(),
    counts: {},
    loop: null,
    reloadAt: null,
    turn: nextBelow(proc.world.rng, 1024),
  };
  for (const s of servers) for (const zone of s.zones) yield* print(`${zone || '.'}:${s.port}\n`);
  yield* begin(proc, state);
  yield* print('CoreDNS-1.12.1\nlinux/amd64, go1.24.1, 707c7c1\n');
  return yield* serve(proc, main, state);
}

/** What starts with a configuration: reload's checks and the search for a loop. */
function* begin(proc: Proc, state: State): Io<void> {
  const { world } = proc;
  const every = state.servers.find((s) => s.reload !== null)?.reload ?? null;
  state.reloadAt = every === null ? null : world.now + every + nextBelow(world.rng, every / 2);
  if (every !== null) yield* print(`[INFO] plugin/reload: Running configuration SHA512 = ${sha512(state.text)}\n`);
  state.loop = null;
  const looked = state.servers.find((s) => s.loop);
  if (!looked) return;
  const part = () => `${nextU32(world.rng)}${nextU32(world.rng)}`;
  const zone = looked.zones[0] ?? '';
  const name = `${part()}.${part()}.${zone === '' ? '' : `${zone}.`}`;
  state.loop = { name, seen: 0, until: world.now + LOOP_WATCH };
  proc.machine.spawn({ parent: proc, argv: ['/coredns'], main: (p) => askItself(p, looked, name) });
}

/** loop's HINFO query to its own server. */
function* askItself(proc: Proc, server: Server, name: string): Program {
  const query = makeQuery(nextBelow(proc.world.rng, 65_536), name, 'HINFO');
  const [address = '127.0.0.1'] = server.bind;
  yield* askUdp(proc, toIp(address), [query], proc.world.now + 2_000_000, server.port);
  return 0;
}

const PAGES: [Page, 'health' | 'ready' | 'prometheus'][] = [
  ['health', 'health'],
  ['ready', 'ready'],
  ['metrics', 'prometheus'],
];

function open(proc: Proc, servers: readonly Server[]): Pick<State, 'listeners' | 'pages'> | string {
  const { world } = proc;
  const listeners: Listener[] = [];
  const inUse = (what: string, port: number, error: string): string =>
    `Listen: listen ${what} :${port}: bind: ${error === 'EADDRINUSE' ? 'address already in use' : error === 'EACCES' ? 'permission denied' : error}`;
  for (const port of new Set(servers.map((s) => s.port))) {
    const at = [...new Set(servers.filter((s) => s.port === port).flatMap((s) => s.bind))];
    for (const address of at.length ? at : [null]) {
      const udp = openSocket(proc, 'udp');
      const tcp = openSocket(proc, 'tcp', { reuse: true });
      const ip = address === null ? 0 : toIp(address);
      const error = bind(world, tcp, { ip, port }) ?? listen(world, tcp) ?? bind(world, udp, { ip, port });
      if (error) return inUse('tcp', port, error);
      listeners.push({ port, udp, tcp });
    }
  }
  const pages: State['pages'] = [];
  for (const [page, key] of PAGES) {
    const address = servers.map((s) => s[key]).find((a) => a !== null);
    if (!address) continue;
    const [host = '', port = ''] = address.split(/:(?=\d+$)/);
    const socket = openSocket(proc, 'tcp', { reuse: true });
    const ip = host === '' ? 0 : host === 'localhost' ? 0x7f000001 : toIp(host);
    const error = bind(world, socket, { ip, port: Number(port) }) ?? listen(world, socket);
    if (error) return inUse('tcp', Number(port), error);
    pages.push({ page, port: Number(port), socket });
  }
  return { listeners, pages };
}

const toIp = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const backlog = (socket: Socket): boolean => (socket.tcp?.backlog.length ?? 0) > 0;

function* serve(proc: Proc, main: Main, state: State): Io<number> {
  const { world } = proc;
  let owned = proc.atExit.length;
  for (;;) {
    const ready = () =>
      state.listeners.some((l) => l.udp.recvq.length > 0 || l.udp.error !== null || backlog(l.tcp)) ||
      state.pages.some((p) => backlog(p.socket));
    yield* waitFor(ready, state.reloadAt, { rest: { main, state } });
    if (state.reloadAt !== null && world.now >= state.reloadAt) {
      if (!(yield* reload(proc, state))) return 1;
      owned = proc.atExit.length;
    }
    for (const { page, socket } of state.pages) {
      const connection = backlog(socket) ? yield* accept(proc, socket, world.now) : null;
      if (connection)
        proc.machine.spawn({ parent: proc, argv: ['/coredns'], main: servePage(page, connection, state.counts) });
    }
    for (const listener of state.listeners) {
      if (backlog(listener.tcp)) {
        const connection = yield* accept(proc, listener.tcp, world.now);
        if (connection)
          proc.machine.spawn({
            parent: proc,
            argv: ['/coredns'],
            main: (p) => serveTcp(p, state, listener.port, connection),
          });
      }
      if (listener.udp.recvq.length === 0 && listener.udp.error === null) continue;
      const got = yield* recvFrom(proc, listener.udp, world.now);
      if (!got || 'error' in got) continue;
      const query = got.dns ?? decodeDns(got.data);
      if (!query || query.response) continue;
      const { from } = got;
      const looped = loops(state, query, world.now);
      if (looped) {
        yield* print(
          `[FATAL] plugin/loop: Loop (${addr(from)} -> :${listener.port}) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${query.question.name}"\n`,
        );
        return 1;
      }
      const job = answer(world, state, listener.port, query, from, false, got.data.length, function* (reply): Io<void> {
        const cut = truncate(reply, query);
        sendTo(world, listener.udp, from, encodeDns(cut), { dns: cut });
      });
      // What needs no upstream is answered at once.
      if (job.now) yield* job.run(proc);
      else proc.machine.spawn({ parent: proc, argv: ['/coredns'], main: job.run });
    }
    proc.atExit.length = owned;
  }
}

/** Whether the query is loop's own, come back: a third time is one too many. */
function loops(state: State, query: DnsMessage, now: number): boolean {
  const { loop } = state;
  if (!loop || now > loop.until || query.question.type !== 'HINFO' || query.question.name !== loop.name) return false;
  return ++loop.seen > 2;
}

function bufferSize(query: DnsMessage): number {
  return Math.min(LARGEST, Math.max(CLASSIC_SIZE, query.edns?.size ?? CLASSIC_SIZE));
}

/** What fits a datagram: additional records go first, then the answer, which says so. */
function truncate(reply: DnsMessage, query: DnsMessage): DnsMessage {
  const size = bufferSize(query);
  if (encodeDns(reply).length <= size) return reply;
  let cut: DnsMessage = { ...reply, additional: [] };
  if (encodeDns(cut).length <= size) return cut;
  cut = { ...cut, tc: true, authority: [] };
  while (cut.answer.length > 0 && encodeDns(cut).length > size) cut = { ...cut, answer: cut.answer.slice(0, -1) };
  return cut;
}

const addr = (a: SockAddr): string =>
  typeof a.ip === 'bigint' ? `[${formatIp(a.ip)}]:${a.port}` : `${formatIp(a.ip)}:${a.port}`;

const bump = (counts: Counts, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** An answer to be given: at once, or after an upstream's. `run` sends and logs it. */
function answer(
  world: World,
  state: State,
  port: number,
  query: DnsMessage,
  from: SockAddr,
  tcp: boolean,
  size: number,
  respond: (reply: DnsMessage) => Io<void>,
): { now: boolean; run: (proc: Proc) => Program } {
  const server = serverFor(state.servers, port, query.question.name);
  const outcome: Outcome = server ? resolve(world, server, state.kept, query) : { reply: failure(query, REFUSED) };
  const begun = world.now;
  function* run(proc: Proc): Program {
    let reply: DnsMessage;
    if ('reply' in outcome) {
      reply = outcome.reply;
      if (server?.cache)
        bump(state.counts, `coredns_cache_${outcome.hit ? 'hits' : 'misses'}_total{server="dns://:${port}"}`);
    } else {
      const got = yield* exchange(proc, outcome.ask, state.turn++, outcome.query, tcp);
      reply = outcome.finish('message' in got ? { ...got.message, id: query.id } : null);
      if ('error' in got && server?.errors)
        yield* print(
          `[ERROR] plugin/errors: ${reply.rcode} ${query.question.name} ${query.question.type}: ${got.error}\n`,
        );
    }
    reply = { ...reply, id: query.id, ...(query.edns ? { edns: { size: bufferSize(query) } } : {}) };
    yield* respond(reply);
    const proto = tcp ? 'tcp' : 'udp';
    const zone = server?.zones[0] || '.';
    bump(
      state.counts,
      `coredns_dns_requests_total{family="1",proto="${proto}",server="dns://:${port}",type="${query.question.type}",view="",zone="${zone}"}`,
    );
    bump(
      state.counts,
      `coredns_dns_responses_total{plugin="",rcode="${RCODES[reply.rcode] ?? reply.rcode}",server="dns://:${port}",view="",zone="${zone}"}`,
    );
    if (server?.log) yield* print(logLine(query, reply, from, proto, size, proc.world.now - begun));
    return 0;
  }
  return { now: 'reply' in outcome, run };
}

/** The log plugin's common format. */
function logLine(
  query: DnsMessage,
  reply: DnsMessage,
  from: SockAddr,
  proto: string,
  size: number,
  us: number,
): string {
  const flags = ['qr', reply.aa && 'aa', reply.tc && 'tc', reply.rd && 'rd', reply.ra && 'ra', reply.ad && 'ad'].filter(
    Boolean,
  );
  const { name, type } = query.question;
  return `[INFO] ${addr(from)} - ${query.id} "${type} IN ${name} ${proto} ${size} false ${bufferSize(query)}" ${RCODES[reply.rcode] ?? reply.rcode} ${flags.join(',')} ${encodeDns(reply).length} ${(us / 1e6).toFixed(9).replace(/0+$/, '').replace(/\.$/, '')}s\n`;
}

/** DNS over TCP: each message after its length in two bytes. */
function* serveTcp(proc: Proc, state: State, port: number, connection: Socket): Program {
  ownSocket(proc, connection);
  yield* serveMessages(proc, connection, TCP_IDLE, function* (query, size) {
    if (!connection.remote) return;
    const job = answer(proc.world, state, port, query, connection.remote, true, size, function* (reply): Io<void> {
      yield* sendMessage(proc, connection, reply);
    });
    yield* job.run(proc);
  });
  return 0;
}

/** Looks whether the Corefile changed, and takes the new one when it is right. False when its ports cannot be had: the end. */
function* reload(proc: Proc, state: State): Io<boolean> {
  const text = corefile(proc, state.source);
  const every = state.servers.find((s) => s.reload !== null)?.reload ?? 0;
  state.reloadAt = proc.world.now + every;
  if (text === state.text) return true;
  yield* print('[INFO] Reloading\n');
  let servers: Server[];
  try {
    servers = load(proc, text);
  } catch (error) {
    if (!(error instanceof CorefileError) && !(error instanceof NotModelledPlugin)) throw error;
    const why = error instanceof NotModelledPlugin ? `flatnet: not modelled: ${error.message}` : error.message;
    yield* print(
      `[ERROR] Restart failed: ${why}\n[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${why}\n`,
    );
    return true;
  }
  const sockets = [...state.listeners.flatMap((l) => [l.udp, l.tcp]), ...state.pages.map((p) => p.socket)];
  for (const socket of sockets) closeSocket(proc.world, socket);
  const opened = open(proc, servers);
  if (typeof opened === 'string') {
    yield* print(`${opened}\n`);
    return false;
  }
  Object.assign(state, { text, servers, ...opened, kept: new Map() });
  yield* begin(proc, state);
  yield* print('[INFO] Reloading complete\n');
  return true;
}
