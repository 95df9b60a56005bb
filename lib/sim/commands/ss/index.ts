/** ss(8) of iproute2 6.1.0: the sockets of a namespace. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { kernelBefore } from '../../kernel/release.ts';
import { findLink, linkName } from '../../linux/link/find.ts';
import { serviceName } from '../../linux/resolve/services.ts';
import { abort } from '../../linux/socket/tcp/close.ts';
import type { NetNs, SockAddr, Socket, VxlanData } from '../../linux/types.ts';
import { getNode } from '../../shell/vfs/tree.ts';
import { Exit, notModelledExit } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';
import { passes, seen } from './filter.ts';
import { type Options, parseOptions, stateName, type Table } from './options.ts';
import { USAGE } from './usage.ts';

type Row = string[];

/** Columns from the left: text before the cell, and which side it keeps to. */
const COLUMNS: readonly { title: string; before: string; right: boolean }[] = [
  { title: 'Netid', before: '', right: false },
  { title: 'State', before: ' ', right: false },
  { title: 'Recv-Q', before: ' ', right: false },
  { title: 'Send-Q', before: ' ', right: false },
  { title: 'Local Address:', before: ' ', right: true },
  { title: 'Port', before: '', right: false },
  { title: 'Peer Address:', before: ' ', right: true },
  { title: 'Port', before: '', right: false },
  { title: 'Process', before: '', right: false },
];

const hostPart = (s: Socket, ip: Ip, dev: number, ns: NetNs): string => {
  const dual = s.family === 6 && !s.v6only && (ip === 0n || ip === 0);
  const text = dual ? '*' : s.family === 6 ? `[${formatIp(typeof ip === 'bigint' ? ip : BigInt(ip))}]` : formatIp(ip);
  return dev ? `${text}%${linkName(ns, dev)}:` : `${text}:`;
};

function portPart(s: Socket, port: number, numeric: boolean): string {
  if (port === 0) return '*';
  return (!numeric && s.kind !== 'raw' && serviceName(port, s.kind === 'udp' ? 'udp' : 'tcp')) || String(port);
}

const ANY: SockAddr = { ip: 0, port: 0 };

const queues = (s: Socket): [number, number] => {
  const { tcp } = s;
  if (!tcp) return [s.recvq.reduce((n, d) => n + d.data.length, 0), 0];
  return tcp.state === 'LISTEN' ? [tcp.backlog.length, tcp.backlogMax] : [tcp.rcvBuf.length, tcp.sndBuf.length];
};

/** `users:(("nc",pid=12,fd=3))`. Descriptors are counted in order of opening, after the standard three. */
function users(proc: Proc, ns: NetNs, s: Socket): string {
  const info = proc.host.processes.get(s.pid);
  if (!info) return '';
  const name = (info.argv[0] ?? '').replace(/^.*\//, '').slice(0, 15);
  const own = [...ns.sockets.values()]
    .filter((o) => o.pid === s.pid)
    .map((o) => o.id)
    .sort((a, b) => a - b);
  return ` users:(("${name}",pid=${s.pid},fd=${3 + own.indexOf(s.id)}))`;
}

function rowOf(proc: Proc, ns: NetNs, s: Socket, opts: Options): Row {
  const [recv, send] = queues(s);
  const peer = s.remote ?? ANY;
  return [
    s.kind === 'icmp' ? 'icmp' : s.kind,
    stateName(s),
    String(recv).padEnd(6),
    String(send).padEnd(6),
    hostPart(s, s.local.ip, s.dev, ns),
    portPart(s, s.local.port, opts.numeric),
    hostPart(s, peer.ip, 0, ns),
    portPart(s, peer.port, opts.numeric),
    opts.processes ? users(proc, ns, s) : '',
  ];
}

/** Lays the rows out: each column as wide as its widest cell. */
function render(rows: readonly Row[], shown: readonly boolean[], header: boolean): string {
  const all = header ? [COLUMNS.map((c) => c.title), ...rows] : rows;
  const widths = COLUMNS.map((_, i) => Math.max(0, ...all.map((row) => (row[i] ?? '').length)));
  // The last cell of all is never measured: it is what the buffer ends with.
  const process = COLUMNS.length - 1;
  const measured = rows.slice(0, -1).map((row) => (row[process] ?? '').length);
  widths[process] = Math.max(header ? 'Process'.length : 0, ...measured);
  let text = '';
  for (const row of all) {
    let line = '';
    for (const [i, column] of COLUMNS.entries()) {
      if (!shown[i]) continue;
      const cell = row[i] ?? '';
      line +=
        (line === '' ? '' : column.before) +
        (column.right ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number));
    }
    text += `${line}\n`;
  }
  return text;
}

function summary(ns: NetNs): string {
  const all = [...ns.sockets.values()];
  const of = (kind: Socket['kind'], family?: 4 | 6) =>
    all.filter((s) => s.kind === kind && (!family || s.family === family)).length;
  const tcp = all.filter((s) => s.kind === 'tcp');
  const estab = tcp.filter((s) => s.tcp?.state === 'ESTABLISHED').length;
  const waiting = tcp.filter((s) => s.tcp?.state === 'TIME_WAIT').length;
  const line = (name: string, total: number, v4: number, v6: number) =>
    `${name}\t  ${String(total).padEnd(9)} ${String(v4).padEnd(9)} ${String(v6).padEnd(9)}\n`;
  const kinds: [string, Socket['kind']][] = [
    ['RAW', 'raw'],
    ['UDP', 'udp'],
    ['TCP', 'tcp'],
  ];
  const sum = (family?: 4 | 6) => kinds.reduce((n, [, kind]) => n + of(kind, family), 0);
  return (
    `Total: ${all.length}\nTCP:   ${tcp.length} (estab ${estab}, closed 0, orphaned 0, timewait ${waiting})\n\nTransport Total     IP        IPv6\n` +
    kinds.map(([name, kind]) => line(name, of(kind), of(kind, 4), of(kind, 6))).join('') +
    line('INET', sum(), sum(4), sum(6)) +
    `${line('FRAG', 0, 0, 0)}\n`
  );
}

/** By family; listeners first, those of one port newest first, as the listening hash has them; then the rest. */
function inOrder(ns: NetNs): Socket[] {
  const all = [...ns.sockets.values()];
  return ([4, 6] as const).flatMap((family) => {
    const mine = all.filter((s) => s.family === family);
    const listening = mine.filter((s) => s.tcp?.state === 'LISTEN');
    const ports = [...new Set(listening.map((s) => s.local.port))];
    const grouped = ports.flatMap((port) => listening.filter((s) => s.local.port === port).reverse());
    return [...grouped, ...mine.filter((s) => s.tcp?.state !== 'LISTEN')];
  });
}

/** The sockets of vxlan devices that are up: the kernel's own, of no process. One port, one socket. */
function kernelRows(ns: NetNs, opts: Options): Row[] {
  if ((opts.families.size > 0 && !opts.families.has(4)) || !opts.states.has('UNCONN')) return [];
  const ports = new Set<number>();
  for (const link of ns.links.values())
    if (link.up && link.data.type === 'vxlan') ports.add((link.data as VxlanData).dstPort);
  const { test } = opts;
  return [...ports]
    .filter((port) => !test || passes({ local: { ip: 0, port }, remote: ANY, dev: 0, mark: 0 }, test))
    .map((port) => ['udp', 'UNCONN', '0'.padEnd(6), '0'.padEnd(6), '0.0.0.0:', String(port), '0.0.0.0:', '*', '']);
}

/** The kinds of sockets a table holds, in the order they come. */
const HELD: readonly [Table, Socket['kind']][] = [
  ['raw', 'icmp'],
  ['raw', 'raw'],
  ['udp', 'udp'],
  ['tcp', 'tcp'],
];

function picked(ns: NetNs, opts: Options, kind: Socket['kind']): Socket[] {
  return inOrder(ns).filter(
    (s) =>
      s.kind === kind &&
      (opts.families.size === 0 || opts.families.has(s.family)) &&
      opts.states.has(stateName(s)) &&
      !(kind === 'tcp' && s.tcp?.state === 'CLOSE') &&
      (!opts.test || passes(seen(s), opts.test)),
  );
}

/** SOCK_DESTROY of each: what is gone by an earlier one's reset is not shown. */
function destroy(proc: Proc, ns: NetNs, sockets: readonly Socket[]): Socket[] {
  const ends = new Set<string>();
  const key = (a: SockAddr | null, b: SockAddr | null) => `${a?.ip}:${a?.port} ${b?.ip}:${b?.port}`;
  return sockets.filter((s) => {
    if (!s.tcp || s.tcp.state === 'TIME_WAIT') return false;
    if (ends.has(key(s.local, s.remote))) return false;
    if (s.remote) ends.add(key(s.remote, s.local));
    s.error = 'ECONNABORTED';
    abort(proc.world, ns, s);
    return true;
  });
}

function list(proc: Proc, ns: NetNs, opts: Options): string {
  const rows: Row[] = [];
  for (const [table, kind] of HELD) {
    if (!opts.tables.has(table)) continue;
    if (kind === 'udp') rows.push(...kernelRows(ns, opts));
    const found = picked(ns, opts, kind);
    const cells = new Map(found.map((s) => [s, rowOf(proc, ns, s, opts)]));
    if (opts.timers) refuseTimers(found);
    for (const s of opts.kill ? destroy(proc, ns, found) : found) rows.push(cells.get(s) as Row);
  }
  const shown = COLUMNS.map(() => true);
  shown[0] = opts.tables.size > 1;
  shown[1] = opts.states.size > 1;
  return render(rows, shown, opts.header);
}

/** `-o` prints the timer that runs: of an idle connection and of a listener there is none. */
function refuseTimers(sockets: readonly Socket[]): void {
  for (const { tcp } of sockets)
    if (tcp && (tcp.timer !== 0 || tcp.state === 'TIME_WAIT')) throw notModelledExit('ss -o of a running timer');
}

/** Tables that hold sockets on a real host and none here. */
function refuseTables(opts: Options): void {
  if (opts.tables.has('tcp') && opts.tables.has('xdp')) return;
  for (const table of opts.tables)
    if (table === 'netlink' || table.startsWith('packet')) throw notModelledExit(`ss: the ${table} table`);
}

function* run(proc: Proc): Program {
  try {
    const opts = parseOptions(proc.argv.slice(1), (name) => findLink(proc.netns, name)?.ifindex ?? null);
    if (opts.version) {
      yield* print('ss utility, iproute2-6.1.0\n');
      return 0;
    }
    if (opts.help) {
      yield* print(USAGE);
      return 0;
    }
    let ns = proc.netns;
    if (opts.netns !== null) {
      const node = getNode(proc.root, `/run/netns/${opts.netns}`);
      const found = node?.type === 'netns' ? proc.world.netns.get(node.netns) : undefined;
      if (!found) throw new Exit(1, `Cannot open network namespace "${opts.netns}": No such file or directory\n`);
      ns = found;
    }
    if (opts.summary) {
      yield* print(summary(ns));
      return 0;
    }
    refuseTables(opts);
    // DCCP went away with 6.16: the kernel no longer knows what is asked for.
    if (opts.tables.has('dccp') && !kernelBefore(proc.world, ns, 6, 16))
      yield* printErr('RTNETLINK answers: Invalid argument\n');
    yield* print(list(proc, ns, opts));
    return 0;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* printErr(error.stderr);
    return error.status;
  }
}

export const command = defineCommand({
  name: 'ss',
  dir: '/usr/bin',
  summary: 'Sockets',
  images: ['node', 'netshoot'],
  options: [
    ...[...'nralptuwxMSdsHOKZzo46'].map((letter) => ({ flag: `-${letter}`, modelled: true })),
    ...[...'NfAFVh'].map((letter) => ({ flag: `-${letter}`, modelled: true })),
    ...[...'emiETbD0'].map((letter) => ({ flag: `-${letter}`, modelled: false })),
  ],
  run,
});
