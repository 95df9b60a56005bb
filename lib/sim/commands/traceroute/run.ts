/** The probing loop and its printing: traceroute.c of 2.1.2. Times in microseconds. */
import type { Ip } from '../../addr/ip.ts';
import { formatIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveAddress } from '../../linux/resolve/resolve.ts';
import { print, waitFor } from '../io.ts';
import type { Options } from './options.ts';

/** One probe: sent when `sentAt` is set, over when `done`. */
export interface Probe {
  index: number;
  ttl: number;
  sentAt: number | null;
  receivedAt: number | null;
  from: Ip | null;
  /** TTL of the answer, and what -O info says of it. */
  ttlBack: number | null;
  ext: string;
  /** `!N`, `!X` … */
  note: string;
  final: boolean;
  done: boolean;
}

/** How probes are sent and answers read. */
export interface Method {
  /** Sends one probe. Answers what failed and why: the program ends there. */
  send(probe: Probe): Io<{ call: string; errno: string } | null>;
  /** Takes what arrived, marking probes done. */
  receive(probes: Probe[]): void;
  /** Whether `receive` would find something. */
  pending(probes: Probe[]): boolean;
}

function timeout(o: Options, probes: Probe[], probe: Probe): number {
  const limit = o.wait.max * 1e6;
  const spent = (p: Probe) => (p.done && p.receivedAt !== null && p.sentAt !== null ? p.receivedAt - p.sentAt : 0);
  if (o.wait.here) {
    const first = probe.index - (probe.index % o.queries);
    for (const p of probes.slice(first, first + o.queries))
      if (spent(p) > 0) return Math.min(limit, spent(p) * o.wait.here);
  }
  if (o.wait.near) {
    for (const p of probes.slice(probe.index + 1)) {
      if (p.sentAt === null) break;
      if (spent(p) > 0) return Math.min(limit, spent(p) * o.wait.near);
    }
  }
  return limit;
}

/** Sends and prints until the destination answered or the last hop was tried. Answers a failed call, or null. */
export function* trace(proc: Proc, o: Options, method: Method): Io<{ call: string; errno: string } | null> {
  const { world } = proc;
  const probes: Probe[] = Array.from({ length: o.maxHops * o.queries }, (_, index) => ({
    index,
    ttl: Math.floor(index / o.queries) + 1,
    sentAt: null,
    receivedAt: null,
    from: null,
    ttlBack: null,
    ext: '',
    note: '',
    final: false,
    done: false,
  }));
  let start = (o.first - 1) * o.queries;
  let end = probes.length;
  let lastSend = Number.NEGATIVE_INFINITY;
  while (start < end) {
    let flying = 0;
    let next: number | null = null;
    for (let n = start; n < end; n++) {
      const probe = probes[n] as Probe;
      if (n === start && !probe.done && probe.sentAt !== null) {
        const expires = probe.sentAt + timeout(o, probes, probe);
        if (expires > world.now) next = expires;
        else probe.done = true;
      }
      if (probe.done) {
        if (n === start) {
          yield* printProbe(proc, o, probes, probe);
          if (probe.final) end = (Math.floor(n / o.queries) + 1) * o.queries;
          start++;
        }
        continue;
      }
      if (probe.sentAt === null) {
        const due = lastSend + o.sendWait * 1e6;
        if (o.sendWait > 0 && due > world.now) {
          next = next === null ? due : Math.min(next, due);
          break;
        }
        const failed = yield* method.send(probe);
        if (failed) return failed;
        probe.sentAt = world.now;
        lastSend = world.now;
      }
      if (++flying >= o.simultaneous) break;
    }
    if (start < end && flying > 0) {
      yield* waitFor(() => method.pending(probes), next ?? world.now + o.wait.max * 1e6);
      method.receive(probes);
    } else if (start < end && next !== null) yield* waitFor(() => false, next);
  }
  yield* print('\n');
  return null;
}

function* printProbe(proc: Proc, o: Options, probes: Probe[], probe: Probe): Io<void> {
  const first = probe.index % o.queries === 0;
  let text = first ? `\n${String(probe.ttl).padStart(2)} ` : '';
  if (probe.from === null) text += ' *';
  else {
    const hop = probes.slice(probe.index - (probe.index % o.queries), probe.index);
    const last = hop.reverse().find((p) => p.from !== null);
    const same = last?.from === probe.from && last.ext === probe.ext && !(o.back && last.ttlBack !== probe.ttlBack);
    if (!same) {
      text += yield* hostText(proc, o, probe.from);
      if (probe.ext) text += ` <${probe.ext}>`;
      const hops = probe.ttlBack === null ? probe.ttl : hopsBack(probe.ttlBack);
      if (o.back && hops !== probe.ttl) text += ` '-${hops}'`;
    }
  }
  if (probe.receivedAt !== null && probe.sentAt !== null)
    text += `  ${((probe.receivedAt - probe.sentAt) / 1000).toFixed(3)} ms`;
  if (probe.note) text += ` ${probe.note}`;
  yield* print(text);
}

/** ttl2hops(): senders start at 64, 128 or 255. */
const hopsBack = (ttl: number): number => (ttl <= 64 ? 65 - ttl : ttl <= 128 ? 129 - ttl : 256 - ttl);

function* hostText(proc: Proc, o: Options, ip: Ip): Io<string> {
  if (o.numeric) return ` ${formatIp(ip)}`;
  const name = yield* resolveAddress(proc, ip);
  return ` ${name ?? formatIp(ip)} (${formatIp(ip)})`;
}

const UNREACHABLE: Record<number, string> = {
  0: '!N',
  1: '!H',
  2: '!P',
  5: '!S',
  9: '!X',
  10: '!X',
  13: '!X',
  14: '!V',
  15: '!C',
};

/** Notes an ICMP error on a probe: parse_icmp_res. */
export function noteIcmp(
  probe: Probe,
  error: { type: number; code: number; mtu: number; from: Ip; at: number; ttl?: number },
): void {
  probe.ttlBack = error.ttl ?? null;
  const six = typeof error.from === 'bigint';
  probe.from = error.from;
  probe.receivedAt = error.at;
  probe.done = true;
  if (error.type === (six ? 3 : 11)) return;
  probe.final = true;
  const port = six ? error.type === 1 && error.code === 4 : error.type === 3 && error.code === 3;
  if (port) return;
  if (six)
    probe.note = error.type === 2 ? `!F-${error.mtu}` : (['!N', '!X', '!S', '!H'][error.code] ?? `!<${error.code}>`);
  else if (error.type === 3)
    probe.note = error.code === 4 ? `!F-${error.mtu}` : (UNREACHABLE[error.code] ?? `!<${error.code}>`);
  else probe.note = `!<${error.type}-${error.code}>`;
}
