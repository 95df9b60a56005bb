/**
 * iperf3 3.12. The control and data connections go through the network as any; how much they would carry follows from
 * the path's MTU and a link of 10 Gbit/s, or from -b, as no device of the model has a speed of its own.
 */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import {
  accept,
  bind,
  closeSocket,
  connect,
  listen,
  openSocket,
  recv,
  recvFrom,
  send,
  sendTo,
} from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, print, printErr, sleep } from '../io.ts';
import { optionDocs } from '../options.ts';
import { type Iperf, parseOptions } from './options.ts';
import { bitsText, bytesText } from './units.ts';

const LINK = 10e9;
/** Preamble, header, checksum and gap of an Ethernet frame. */
const FRAMING = 38;
const RULE = `${'- '.repeat(24)}-\n`;

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv.slice(1));
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  return o.server ? yield* serve(proc, o) : yield* client(proc, o);
}

function* fail(text: string): Io<number> {
  yield* printErr(`iperf3: error - ${text}\n`);
  return 1;
}

/** What a test carries, told by the client to the server over the control connection. */
interface Plan {
  udp: boolean;
  seconds: number;
  interval: number;
  /** Payload bits a second. */
  rate: number;
  /** Bytes of a datagram. */
  size: number;
}

function planOf(proc: Proc, o: Iperf, to: Ip): Plan {
  const route = lookupRoute(proc.world, proc.netns, { dst: to });
  const mtu = Math.min(route.ok ? route.mtu : 1500, 65535);
  const head = (typeof to === 'bigint' ? 40 : 20) + (o.udp ? 8 : 32);
  const most = (LINK * (mtu - head)) / (mtu + FRAMING);
  const rate = o.rate > 0 ? Math.min(o.rate, most) : most;
  // Datagrams are as long as the control connection's segments.
  const size = o.length ?? Math.max(16, mtu - (typeof to === 'bigint' ? 72 : 52));
  return { udp: o.udp, seconds: o.seconds, interval: o.interval, rate, size };
}

function* client(proc: Proc, o: Iperf): Io<number> {
  const host = o.client as string;
  const found = yield* resolveHost(proc, host, o.family);
  if (!found.ok) return yield* fail(`unable to connect to server: ${GAI_TEXT[found.error]}`);
  const to = found.ips[0] as Ip;
  const family = typeof to === 'bigint' ? 6 : 4;
  const control = openSocket(proc, 'tcp', { family });
  const errno = yield* connect(proc, control, { ip: to, port: o.port });
  if (errno) return yield* fail(`unable to connect to server: ${errnoText(errno)}`);
  yield* print(`Connecting to host ${host}, port ${o.port}\n`);
  const plan = planOf(proc, o, to);
  yield* send(proc, control, `${JSON.stringify(plan)}\n`);
  yield* recv(proc, control);
  const data = openSocket(proc, o.udp ? 'udp' : 'tcp', { family });
  if (o.clientPort) bind(proc.world, data, { ip: data.local.ip, port: o.clientPort });
  const refused = yield* connect(proc, data, { ip: to, port: o.port });
  if (refused) return yield* fail(`unable to connect stream: ${errnoText(refused)}`);
  if (o.udp) sendTo(proc.world, data, { ip: to, port: o.port }, '6789');
  else yield* send(proc, data, 'iperf');
  yield* print(`${ends(data, to, o.port)}${columns(plan, true)}`);
  yield* intervals(plan, true);
  yield* send(proc, control, 'done\n');
  yield* recv(proc, control);
  yield* print(totals(plan, ['sender', 'receiver']));
  yield* print('\niperf Done.\n');
  closeSocket(proc.world, data);
  closeSocket(proc.world, control);
  return 0;
}

const ends = (s: Socket, ip: Ip, port: number): string =>
  `[  5] local ${formatIp(s.local.ip)} port ${s.local.port} connected to ${formatIp(ip)} port ${port}\n`;

function columns(plan: Plan, sending: boolean): string {
  const head = '[ ID] Interval           Transfer     Bitrate';
  if (plan.udp) return `${head}         ${sending ? 'Total Datagrams' : 'Jitter    Lost/Total Datagrams'}\n`;
  return `${head}${sending ? '         Retr  Cwnd' : ''}\n`;
}

const span = (from: number, to: number): string =>
  `[  5] ${from.toFixed(2).padStart(6)}-${to.toFixed(2).padEnd(6)} sec  `;

const amount = (plan: Plan, seconds: number): string =>
  `${bytesText((plan.rate * seconds) / 8)}  ${bitsText(plan.rate)}`;
const datagrams = (plan: Plan, seconds: number): number => Math.round((plan.rate * seconds) / 8 / plan.size);

/** The lines of the running test. */
function* intervals(plan: Plan, sending: boolean): Io<void> {
  const step = plan.interval || plan.seconds;
  for (let from = 0; from < plan.seconds; from += step) {
    const to = Math.min(plan.seconds, from + step);
    yield* sleep((to - from) * 1e6);
    if (plan.interval === 0) continue;
    const count = datagrams(plan, to - from);
    const tail = plan.udp
      ? sending
        ? `  ${count}  `
        : `  0.000 ms  0/${count} (0%)  `
      : sending
        ? '    0   1.50 MBytes       '
        : '                  ';
    yield* print(`${span(from, to)}${amount(plan, to - from)}${tail}\n`);
  }
}

function totals(plan: Plan, sides: string[]): string {
  const count = datagrams(plan, plan.seconds);
  const head = '[ ID] Interval           Transfer     Bitrate';
  const title = plan.udp ? '         Jitter    Lost/Total Datagrams' : sides.length > 1 ? '         Retr' : '';
  const lines = sides.map((side) => {
    const tail = plan.udp
      ? `  0.000 ms  0/${count} (0%)  ${side}`
      : side === 'sender'
        ? `    0             ${side}`
        : `                  ${side}`;
    return `${span(0, plan.seconds)}${amount(plan, plan.seconds)}${tail}\n`;
  });
  return `${RULE}${head}${title}\n${lines.join('')}`;
}

function* serve(proc: Proc, o: Iperf): Io<number> {
  const { world } = proc;
  const six = o.family !== 4;
  const listener = openSocket(proc, 'tcp', { family: six ? 6 : 4, reuse: true });
  const at = { ip: six ? 0n : 0, port: o.port };
  const errno = bind(world, listener, at) ?? listen(world, listener, 5);
  if (errno) return yield* fail(`unable to start listener for connections: ${errnoText(errno)}`);
  const banner = '-'.repeat(59);
  for (let test = 1; ; test++) {
    yield* print(`${banner}\nServer listening on ${o.port} (test #${test})\n${banner}\n`);
    const control = yield* accept(proc, listener);
    if (!control) return 1;
    yield* oneTest(proc, o, listener, control);
    closeSocket(world, control);
    if (o.oneOff) return 0;
  }
}

function* oneTest(proc: Proc, o: Iperf, listener: Socket, control: Socket): Io<void> {
  const from = control.remote;
  if (!from) return;
  yield* print(`Accepted connection from ${formatIp(from.ip)}, port ${from.port}\n`);
  const asked = yield* recv(proc, control);
  if (!('data' in asked)) return;
  const plan = JSON.parse(asked.data) as Plan;
  const family = typeof from.ip === 'bigint' ? 6 : 4;
  let data: Socket | null = null;
  if (plan.udp) {
    data = openSocket(proc, 'udp', { family, reuse: true });
    bind(proc.world, data, { ip: control.local.ip, port: o.port });
  }
  yield* send(proc, control, 'ready\n');
  let peer = from;
  if (data) {
    const first = yield* recvFrom(proc, data, proc.world.now + 10_000_000);
    if (first && 'from' in first) peer = first.from;
  } else {
    data = yield* accept(proc, listener);
    if (data?.remote) peer = data.remote;
  }
  if (!data) return;
  yield* print(`${ends(data, peer.ip, peer.port)}${columns(plan, false)}`);
  yield* intervals(plan, false);
  yield* recv(proc, control);
  yield* print(totals(plan, ['receiver']));
  yield* send(proc, control, 'results\n');
  closeSocket(proc.world, data);
}

export const command = defineCommand({
  name: 'iperf3',
  dir: '/usr/bin',
  summary: 'measure the throughput of a path',
  images: ['node', 'netshoot'],
  options: optionDocs(
    '-s -c=HOST -p=PORT -u -b=RATE -t=SECONDS -i=SECONDS -l=LENGTH -1 -4 -6 --cport=PORT -N -V -h ' +
      '! -v -J -R --bidir -P=NUMBER -n=BYTES -B=HOST -M=MSS -D -f=FORMAT -w=SIZE -O=SECONDS',
  ),
  notModelled: [
    'what congestion, loss and retransmission take of the rate: a test carries what its MTU and a link of 10 Gbit/s allow',
  ],
  run: main,
});
