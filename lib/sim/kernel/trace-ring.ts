/**
 * The log behind the trace. Recording must cost next to nothing, since most events are never read: an event is a row of
 * numbers and references in a ring, and becomes a {@link TraceEvent} with its texts when somebody looks. This is why it
 * holds columns and not objects: thousands of live objects would be copied by every collection of the heap.
 */
import { formatIp, type Ip } from '../addr/ip.ts';
import { IPPROTO, type Packet } from '../packet/packet.ts';
import type { HeaderView, TraceEvent, TraceStep } from './trace.ts';

/** How a kind of step is told from what was noted of it: addresses as values, devices by name, rules as they stood. */
export type Render = (a: never, b: never, c: never, d: never, e: never, f: never, g: never) => TraceStep;

/** Numbers of a row. */
const AT = 0;
const PACKET = 1;
const SRC = 2;
const DST = 3;
const PROTO = 4;
const TTL = 5;
const SPORT = 6;
const DPORT = 7;
const MARK = 8;
const INFO = 9;
const SEQ = 10;
const NUMBERS = 11;

/** References of a row: renderer, host, namespace, IPv6 source and destination, the step's own values. */
const RENDER = 0;
const HOST = 1;
const NS = 2;
const SRC6 = 3;
const DST6 = 4;
const VALUES = 5;
const REFS = VALUES + 7;

/** What INFO tells: nothing, ICMP type and code, TCP flags, an ARP question or answer. */
const ICMP = 1 << 16;
const TCP = 2 << 16;
const ARP = 3 << 16;
/** PROTO of what has no IP header. */
const NO_IP = -1;

const FIRST_SIZE = 256;

const protoName = (proto: number): string => {
  for (const [name, number] of Object.entries(IPPROTO)) if (number === proto) return name.toUpperCase();
  return String(proto);
};

/** Bounded log: the oldest events leave when it is full. `off` skips recording (bulk work, benchmarks). */
export class TraceLog {
  off = false;
  nextSeq = 1;
  private size = 0;
  private numbers = new Float64Array(0);
  private refs: unknown[] = [];
  /** Events kept: the newest `count` of those that were recorded. */
  private count = 0;
  /** Those that were read already, and the sequence number of the first. */
  private read: TraceEvent[] = [];
  private readFrom = 1;

  constructor(readonly limit = 6000) {}

  /** The events that are kept, oldest first. */
  get events(): readonly TraceEvent[] {
    const first = this.nextSeq - this.count;
    if (first !== this.readFrom) {
      this.read.splice(0, Math.max(0, first - this.readFrom));
      this.readFrom = first;
    }
    for (let seq = first + this.read.length; seq < this.nextSeq; seq++) this.read.push(this.event(seq));
    return this.read;
  }

  /** Events from a sequence number on. */
  since(seq: number): TraceEvent[] {
    const first = Math.max(seq, this.nextSeq - this.count);
    const events: TraceEvent[] = [];
    for (let i = first; i < this.nextSeq; i++) events.push(this.read[i - this.readFrom] ?? this.event(i));
    return events;
  }

  /** The newest steps of one packet, at most `most` of them and none before a sequence number, newest first. */
  newest(packet: number, seq: number, most: number): TraceEvent[] {
    const events: TraceEvent[] = [];
    const first = Math.max(seq, this.nextSeq - this.count);
    for (let i = this.nextSeq - 1; i >= first && events.length < most; i--)
      if (this.numbers[(i % this.size) * NUMBERS + PACKET] === packet) events.push(this.event(i));
    return events;
  }

  /** An empty log that goes on with this one's numbers. */
  follower(): TraceLog {
    const log = new TraceLog(this.limit);
    log.off = this.off;
    log.nextSeq = this.nextSeq;
    log.readFrom = this.nextSeq;
    return log;
  }

  /** Forgets everything. */
  clear(): void {
    this.count = 0;
    this.read = [];
    this.readFrom = this.nextSeq;
  }

  /** Notes a step of a packet as its header stands now. */
  note(
    at: number,
    host: string,
    ns: string,
    packet: Packet,
    render: Render,
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
    f: unknown,
    g: unknown,
  ): void {
    if (this.count >= this.size) this.grow();
    const slot = this.nextSeq % this.size;
    const { numbers, refs } = this;
    const n = slot * NUMBERS;
    const r = slot * REFS;
    numbers[n + AT] = at;
    numbers[n + PACKET] = packet.id;
    const { ip } = packet;
    if (ip) {
      const { src, dst } = ip;
      if (typeof src === 'number' && typeof dst === 'number') {
        numbers[n + SRC] = src;
        numbers[n + DST] = dst;
        refs[r + SRC6] = undefined;
      } else {
        refs[r + SRC6] = src;
        refs[r + DST6] = dst;
      }
      numbers[n + PROTO] = ip.proto;
      numbers[n + TTL] = ip.ttl;
      const { tcp } = packet;
      const ports = tcp ?? packet.udp;
      if (ports) {
        numbers[n + SPORT] = ports.sport;
        numbers[n + DPORT] = ports.dport;
      } else numbers[n + SPORT] = -1;
      numbers[n + MARK] = packet.mark;
      const { icmp } = packet;
      if (icmp) {
        numbers[n + INFO] = ICMP | (icmp.type << 8) | icmp.code;
        numbers[n + SEQ] = icmp.seq ?? -1;
      } else if (tcp) {
        numbers[n + INFO] =
          TCP | (tcp.syn ? 1 : 0) | (tcp.fin ? 2 : 0) | (tcp.rst ? 4 : 0) | (tcp.psh ? 8 : 0) | (tcp.ackFlag ? 16 : 0);
      } else numbers[n + INFO] = 0;
    } else {
      numbers[n + PROTO] = NO_IP;
      const { arp } = packet;
      if (arp) {
        numbers[n + SRC] = arp.spa;
        numbers[n + DST] = arp.tpa;
        numbers[n + INFO] = ARP | arp.op;
      } else numbers[n + INFO] = 0;
    }
    refs[r + RENDER] = render;
    refs[r + HOST] = host;
    refs[r + NS] = ns;
    refs[r + VALUES] = a;
    refs[r + VALUES + 1] = b;
    refs[r + VALUES + 2] = c;
    refs[r + VALUES + 3] = d;
    refs[r + VALUES + 4] = e;
    refs[r + VALUES + 5] = f;
    refs[r + VALUES + 6] = g;
    this.nextSeq++;
    this.count++;
    // Trimming in slices: whoever reads sees between `limit` and twice as many.
    if (this.count > this.limit * 2) this.count = this.limit;
  }

  private grow(): void {
    const size = this.size === 0 ? FIRST_SIZE : Math.min(this.size * 2, this.limit * 2 + 1);
    const numbers = new Float64Array(size * NUMBERS);
    const refs: unknown[] = new Array(size * REFS).fill(undefined);
    for (let seq = this.nextSeq - this.count; seq < this.nextSeq; seq++) {
      const from = seq % this.size;
      const to = seq % size;
      for (let i = 0; i < NUMBERS; i++) numbers[to * NUMBERS + i] = this.numbers[from * NUMBERS + i] as number;
      for (let i = 0; i < REFS; i++) refs[to * REFS + i] = this.refs[from * REFS + i];
    }
    this.size = size;
    this.numbers = numbers;
    this.refs = refs;
  }

  private event(seq: number): TraceEvent {
    const n = (seq % this.size) * NUMBERS;
    const r = (seq % this.size) * REFS;
    const { numbers, refs } = this;
    const v = r + VALUES;
    const step = (refs[r + RENDER] as Render)(
      refs[v] as never,
      refs[v + 1] as never,
      refs[v + 2] as never,
      refs[v + 3] as never,
      refs[v + 4] as never,
      refs[v + 5] as never,
      refs[v + 6] as never,
    );
    return {
      ...step,
      seq,
      at: numbers[n + AT] as number,
      pkt: numbers[n + PACKET] as number,
      host: refs[r + HOST] as string,
      ns: refs[r + NS] as string,
      header: this.header(n, r),
    };
  }

  /** The header fields as they were. */
  private header(n: number, r: number): HeaderView {
    const { numbers, refs } = this;
    const at = (i: number): number => numbers[n + i] as number;
    const info = at(INFO);
    if (at(PROTO) === NO_IP) {
      if ((info & ARP) !== ARP) return { src: '', dst: '', proto: 'ETH' };
      const src = formatIp(at(SRC));
      const dst = formatIp(at(DST));
      return { src, dst, proto: 'ARP', info: (info & 0xffff) === 1 ? `who-has ${dst}` : `${src} is-at` };
    }
    const six = refs[r + SRC6] as Ip | undefined;
    const view: HeaderView = {
      src: formatIp(six ?? at(SRC)),
      dst: formatIp(six === undefined ? at(DST) : (refs[r + DST6] as Ip)),
      proto: protoName(at(PROTO)),
      ttl: at(TTL),
    };
    if (at(SPORT) >= 0) {
      view.sport = at(SPORT);
      view.dport = at(DPORT);
    }
    const text = infoText(info, at(SEQ));
    if (text) view.info = text;
    if (at(MARK)) view.mark = at(MARK);
    return view;
  }
}

function infoText(info: number, seq: number): string {
  const kind = info & ARP;
  if (kind === TCP) {
    const flags = [info & 1 && 'SYN', info & 2 && 'FIN', info & 4 && 'RST', info & 8 && 'PSH', info & 16 && 'ACK'];
    return flags.filter(Boolean).join(' ');
  }
  if (kind !== ICMP) return '';
  const type = (info >> 8) & 255;
  if (type === 8 || type === 128) return `echo request seq ${seq < 0 ? undefined : seq}`;
  if (type === 0 || type === 129) return `echo reply seq ${seq < 0 ? undefined : seq}`;
  return `type ${type} code ${info & 255}`;
}
