/** mtr 0.95 (mtr-tiny): a traceroute that counts, in its report forms. The methods are traceroute's. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { findLink } from '../../linux/link/find.ts';
import { GAI_TEXT, resolveAddress, resolveHost } from '../../linux/resolve/resolve.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, notModelled, print, printErr, waitFor } from '../io.ts';
import { optionDocs } from '../options.ts';
import { icmpMethod, tcpMethod, udpMethod } from '../traceroute/methods.ts';
import { parseOptions as parseTrace, type Options as TraceOptions } from '../traceroute/options.ts';
import type { Method, Probe } from '../traceroute/run.ts';
import { type MtrOptions, parseOptions } from './options.ts';
import { csv, type Hop, json, report, xml } from './report.ts';

/** Hops an interval is divided among before their number is known. */
const FIRST_HOPS = 10;
const FIRST_PORT = 33434;

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  if (o.output === null) return yield* notModelled("mtr's display (use -r, -w, -j, -x or -C)");
  for (const host of o.hosts) {
    const status = yield* one(proc, o, host);
    if (status !== 0) return status;
  }
  return 0;
}

function* one(proc: Proc, o: MtrOptions, host: string): Io<number> {
  const found = yield* resolveHost(proc, host, o.family ?? undefined);
  if (!found.ok) {
    const why = parseIp(host) === null ? GAI_TEXT[found.error] : 'Address family for hostname not supported';
    yield* printErr(`mtr: Failed to resolve host: ${host}: ${why}\n`);
    return 1;
  }
  const to = found.ips[0] as Ip;
  if (o.device && !findLink(proc.netns, o.device)) {
    yield* printErr('mtr: no such interface\n');
    return 1;
  }
  const started = proc.world.epoch + proc.world.now / 1e6;
  const hops = yield* probe(proc, o, to);
  for (const h of hops) yield* nameHop(proc, o, h);
  if (o.output === 'json') yield* print(json(o, proc.hostname, host, hops));
  else if (o.output === 'xml') yield* print(xml(o, proc.hostname, host, hops));
  else if (o.output === 'csv') yield* print(csv(o, host, hops, started));
  else yield* print(report(o, proc.hostname, hops, started));
  return 0;
}

function traceOptions(o: MtrOptions, to: Ip): TraceOptions {
  const parsed = parseTrace(['-n', formatIp(to)]);
  if (!parsed.ok) throw new Error(parsed.text);
  return {
    ...parsed.options,
    method: o.method === 'udp' && o.port === null ? 'default' : o.method,
    port: o.port ?? (o.method === 'udp' ? FIRST_PORT : null),
    length: Math.max(28, o.size),
    device: o.device,
    source: o.source,
    tos: o.tos,
    mark: o.mark,
  };
}

/** All cycles: a probe for each hop in turn, until the destination or an error is known to be the last. */
function* probe(proc: Proc, o: MtrOptions, to: Ip): Io<Hop[]> {
  const { world } = proc;
  const trace = traceOptions(o, to);
  const method =
    o.method === 'tcp'
      ? tcpMethod(proc, trace, to)
      : o.method === 'udp'
        ? udpMethod(proc, trace, to)
        : icmpMethod(proc, trace, to);
  if ('call' in method) return [];
  const hops: Hop[] = Array.from({ length: o.max }, (_, i) => newHop(i + 1));
  const probes: Probe[] = [];
  let last = FIRST_HOPS;
  for (let cycle = 0; cycle < o.cycles; cycle++) {
    let silent = 0;
    for (let ttl = o.first; ttl <= o.max; ttl++) {
      const hop = hops[ttl - 1] as Hop;
      const sent = newProbe(probes.length, ttl);
      if (yield* method.send(sent)) return ended(o, hops, to);
      sent.sentAt = world.now;
      probes.push(sent);
      hop.sent++;
      yield* listen(method, probes, hops, to, world.now + (o.interval * 1e6) / last);
      if (hop.ip === to || hop.unreachable || hops.slice(0, ttl).some((h) => h.ip === to)) break;
      silent = hop.ip === null ? silent + 1 : silent;
      if (silent > o.unknown) break;
    }
    last = Math.max(1, ended(o, hops, to).length);
  }
  yield* listen(method, probes, hops, to, world.now + o.grace * 1e6);
  return ended(o, hops, to);
}

const newHop = (ttl: number): Hop => ({
  ttl,
  ip: null,
  name: '???',
  address: '',
  sent: 0,
  times: [],
  unreachable: false,
});

const newProbe = (index: number, ttl: number): Probe => ({
  index,
  ttl,
  sentAt: null,
  receivedAt: null,
  from: null,
  ttlBack: null,
  ext: '',
  note: '',
  final: false,
  done: false,
});

/** Takes answers until `deadline`. */
function* listen(method: Method, probes: Probe[], hops: Hop[], to: Ip, deadline: number): Io<void> {
  const counted = new Set(probes.filter((p) => p.done));
  while (yield* waitFor(() => method.pending(probes), deadline)) {
    method.receive(probes);
    for (const p of probes) {
      if (!p.done || counted.has(p)) continue;
      counted.add(p);
      const hop = hops[p.ttl - 1] as Hop;
      hop.ip = p.from;
      if (p.receivedAt !== null && p.sentAt !== null) hop.times.push(p.receivedAt - p.sentAt);
      if (p.final && p.from !== to && p.note !== '') hop.unreachable = true;
    }
  }
}

/** net_max(): the hops to show: up to the destination, an error, or one beyond the last that answered. */
function ended(o: MtrOptions, hops: Hop[], to: Ip): Hop[] {
  let count = 0;
  for (const hop of hops) {
    if (hop.ip === to || hop.unreachable) {
      count = hop.ttl;
      break;
    }
    if (hop.ip !== null) count = hop.ttl + 1;
  }
  return hops.slice(o.first - 1, Math.min(count, o.max));
}

function* nameHop(proc: Proc, o: MtrOptions, h: Hop): Io<void> {
  if (h.ip === null) return;
  h.address = h.name = formatIp(h.ip);
  if (o.numeric) return;
  const name = yield* resolveAddress(proc, h.ip);
  if (name) h.name = o.both ? `${name} (${h.address})` : name;
}

export const command = defineCommand({
  name: 'mtr',
  dir: '/usr/bin',
  summary: 'count losses and round trips along a path',
  images: ['node', 'netshoot'],
  options: optionDocs(
    '-4 -6 -r -w -j -x -C -c=COUNT -n -b -o=FIELDS -u -T -I=NAME -a=ADDRESS -f=NUMBER -m=NUMBER -U=NUMBER -P=PORT ' +
      '-s=SIZE -B=NUMBER -i=SECONDS -G=SECONDS -Q=NUMBER -e -Z=SECONDS -M=MARK -h -v --displaymode=MODE ! -F=FILE -L=PORT -l -p -t -y=NUMBER -z',
  ),
  notModelled: ['the interactive display'],
  run: main,
});
