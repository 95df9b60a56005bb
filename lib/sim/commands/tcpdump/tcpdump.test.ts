import { describe, expect, it } from 'vitest';
import { parseIp } from '../../addr/ip.ts';
import { encodeDns, makeQuery } from '../../linux/resolve/wire.ts';
import type { IpHeader, Packet, TcpHeader } from '../../packet/packet.ts';
import type { LinkType } from './filter/frame.ts';
import { parseFilter } from './filter/parse.ts';
import { framesOf } from './frames.ts';
import { type Options, parseOptions } from './options.ts';
import { loadFile, saveFrame, saveHeader } from './pcap.ts';
import { timeStamp } from './print/time.ts';
import { linesOf, newPrinter, type Printer } from './show.ts';

const ip = (src: string, dst: string, proto: number, more: Partial<IpHeader> = {}): IpHeader => ({
  src: parseIp(src)!,
  dst: parseIp(dst)!,
  ttl: 64,
  proto,
  tos: 0,
  id: 1234,
  df: true,
  mf: false,
  offset: 0,
  ...more,
});
const packet = (more: Partial<Packet>): Packet => ({
  id: 1,
  eth: { dst: 0x020000000002, src: 0x020000000001, type: 0x800 },
  data: '',
  mark: 0,
  iif: 0,
  ...more,
});
const tcp = (more: Partial<TcpHeader>): TcpHeader => ({
  sport: 42954,
  dport: 80,
  seq: 1000000,
  ack: 0,
  syn: false,
  ackFlag: false,
  fin: false,
  rst: false,
  psh: false,
  win: 64240,
  ...more,
});
const options = (...args: string[]): Options => {
  const parsed = parseOptions(args);
  if (!parsed.ok) throw new Error(parsed.text);
  return parsed.options;
};
const newContext = (o: Options, link: LinkType = 'EN10MB') => newPrinter(o, link, () => 'eth0');
/** What a printer says of a packet captured on eth0. */
const printFrame = (printer: Printer, p: Packet): string => {
  const { shown } = framesOf({ at: 0, dev: 2, dir: 'in', packet: p }, undefined, printer.link);
  return linesOf(printer, { bytes: shown, length: shown.length }).text;
};

const arp = packet({
  eth: { dst: 0xffffffffffff, src: 0x020000000001, type: 0x806 },
  arp: { op: 1, sha: 0x020000000001, spa: parseIp('10.0.1.1') as number, tha: 0, tpa: parseIp('10.0.1.2') as number },
});
const echo = packet({
  ip: ip('10.0.1.1', '10.0.1.2', 1),
  icmp: { type: 8, code: 0, id: 31, seq: 1 },
  data: 'x'.repeat(56),
});
const syn = packet({
  ip: ip('10.0.1.1', '10.0.1.2', 6),
  tcp: tcp({ syn: true, mss: 1460, sackOk: true, ts: { val: 5, ecr: 0 }, wscale: 7 }),
});
const synAck = packet({
  ip: ip('10.0.1.2', '10.0.1.1', 6),
  tcp: tcp({ sport: 80, dport: 42954, seq: 5000000, ack: 1000001, syn: true, ackFlag: true, mss: 1460 }),
});
const get = packet({
  ip: ip('10.0.1.1', '10.0.1.2', 6),
  tcp: tcp({ seq: 1000001, ack: 5000001, ackFlag: true, psh: true }),
  data: 'GET / HTTP/1.1\r\nHost: web\r\n\r\n',
});
const query = makeQuery(12345, 'web.default.svc.cluster.local', 'A');
const dns = packet({
  ip: ip('10.0.1.1', '10.96.0.10', 17),
  udp: { sport: 41000, dport: 53 },
  data: encodeDns(query),
  dns: query,
});
const vxlan = packet({
  ip: ip('172.18.0.2', '172.18.0.3', 17),
  udp: { sport: 50000, dport: 8472 },
  inner: echo,
  vni: 1,
});
const { eth: _eth, ...bareEcho } = echo;
const all: Packet[] = [arp, echo, syn, synAck, get, dns, vxlan];

describe('printing, as tcpdump 4.99.3 -r prints the same bytes', () => {
  it('prints a line for each protocol', () => {
    const c = newContext(options('-n'));
    expect(all.map((p) => printFrame(c, p))).toEqual([
      'ARP, Request who-has 10.0.1.2 tell 10.0.1.1, length 28',
      'IP 10.0.1.1 > 10.0.1.2: ICMP echo request, id 31, seq 1, length 64',
      'IP 10.0.1.1.42954 > 10.0.1.2.80: Flags [S], seq 1000000, win 64240, options [mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 7], length 0',
      'IP 10.0.1.2.80 > 10.0.1.1.42954: Flags [S.], seq 5000000, ack 1000001, win 64240, options [mss 1460], length 0',
      'IP 10.0.1.1.42954 > 10.0.1.2.80: Flags [P.], seq 1:30, ack 1, win 64240, length 29: HTTP: GET / HTTP/1.1',
      'IP 10.0.1.1.41000 > 10.96.0.10.53: 12345+ A? web.default.svc.cluster.local. (47)',
      'IP 172.18.0.2.50000 > 172.18.0.3.8472: OTV, flags [I] (0x08), overlay 0, instance 1\nIP 10.0.1.1 > 10.0.1.2: ICMP echo request, id 31, seq 1, length 64',
    ]);
  });

  it('prints link headers, details and names', () => {
    expect(printFrame(newContext(options('-n', '-e')), arp)).toBe(
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 10.0.1.2 tell 10.0.1.1, length 28',
    );
    expect(printFrame(newContext(options('-e')), syn)).toBe(
      '02:00:00:00:00:01 (oui Unknown) > 02:00:00:00:00:02 (oui Unknown), ethertype IPv4 (0x0800), length 74: 10.0.1.1.42954 > 10.0.1.2.http: Flags [S], seq 1000000, win 64240, options [mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 7], length 0',
    );
    expect(printFrame(newContext(options('-n', '-v')), syn)).toBe(
      'IP (tos 0x0, ttl 64, id 1234, offset 0, flags [DF], proto TCP (6), length 60)\n    10.0.1.1.42954 > 10.0.1.2.80: Flags [S], cksum 0x1631 (incorrect -> 0x4c9e), seq 1000000, win 64240, options [mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 7], length 0',
    );
    expect(printFrame(newContext(options('-n', '-e'), 'LINUX_SLL2'), echo)).toBe(
      'eth0  In  ifindex 2 02:00:00:00:00:01 ethertype IPv4 (0x0800), length 104: 10.0.1.1 > 10.0.1.2: ICMP echo request, id 31, seq 1, length 64',
    );
  });

  it('prints ICMP errors with what they quote', () => {
    const error = (code: number, quoted: Packet, mtu?: number) =>
      printFrame(
        newContext(options('-n')),
        packet({ ip: ip('10.0.1.9', '10.0.1.1', 1), icmp: { type: 3, code, quoted, ...(mtu ? { mtu } : {}) } }),
      );
    const { eth: _e, ...bareSyn } = syn;
    expect([error(1, bareSyn), error(3, bareSyn), error(4, bareEcho, 1400), error(13, bareEcho)]).toEqual([
      'IP 10.0.1.9 > 10.0.1.1: ICMP host 10.0.1.2 unreachable, length 68',
      'IP 10.0.1.9 > 10.0.1.1: ICMP 10.0.1.2 tcp port 80 unreachable, length 68',
      'IP 10.0.1.9 > 10.0.1.1: ICMP 10.0.1.2 unreachable - need to frag (mtu 1400), length 92',
      'IP 10.0.1.9 > 10.0.1.1: ICMP host 10.0.1.2 unreachable - admin prohibited filter, length 92',
    ]);
  });

  it('prints time stamps', () => {
    const at = 1700000000058510;
    expect([0, 1, 2, 3, 4].map((mode) => timeStamp(mode, at, at - 22, false))).toEqual([
      '22:13:20.058510 ',
      '',
      '1700000000.058510 ',
      ' 00:00:00.000022 ',
      '2023-11-14 22:13:20.058510 ',
    ]);
  });
});

const matches = (filter: string): number[] | string => {
  const parsed = parseFilter(filter);
  if (!parsed.ok) return parsed.error;
  return all.flatMap((p, i) =>
    parsed.test(framesOf({ at: 0, dev: 2, dir: 'in', packet: p }, undefined, 'EN10MB').filtered) ? [i] : [],
  );
};

describe('capture filters', () => {
  it.each([
    ['', [0, 1, 2, 3, 4, 5, 6]],
    ['arp or icmp', [0, 1]],
    ['host 10.0.1.2', [0, 1, 2, 3, 4]],
    ['src 10.0.1.2', [3]],
    ['tcp port 80 and not src port 80', [2, 4]],
    ['port 53 or 8472', [5, 6]],
    ['tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn', [2]],
    ['icmp[icmptype] = icmp-echo', [1]],
    ['net 10.96.0.0/12', [5]],
    ['ip[2:2] > 100', [6]],
    ['not (tcp or udp) and not arp', [1]],
    ['udp dst portrange 8000-9000', [6]],
    ['ether broadcast', [0]],
    ['tcp[100] = 0 or not tcp[100] = 0', []],
  ])('%s', (filter, expected) => {
    // A byte beyond the end makes the whole filter say no, but only where the header is there.
    if (filter.startsWith('tcp[100]')) expect(matches(filter)).toEqual([0, 1, 5, 6]);
    else expect(matches(filter)).toEqual(expected);
  });

  it.each([
    ['foo bar', "can't parse filter expression: syntax error"],
    ['((((((', "can't parse filter expression: syntax error"],
    ['port foo', "unknown port 'foo'"],
    ['net 10.0.0.1/8', 'non-network bits set in "10.0.0.1/8"'],
    ['host nosuch', "unknown host 'nosuch'"],
    ['tcp and icmp', 'expression rejects all packets'],
    ['tcp host 1.2.3.4', "'tcp' modifier applied to host"],
    ['port 99999', 'illegal port number 99999 > 65535'],
    ['vlan 5000', 'VLAN tag 5000 greater than maximum 4095'],
  ])('%s is refused in pcap words', (filter, error) => {
    expect(matches(filter)).toBe(error);
  });

  it('survives any input', () => {
    for (const filter of [
      '('.repeat(5000),
      'not '.repeat(5000),
      'tcp['.repeat(3000),
      '1+'.repeat(3000),
      '\\',
      '::',
      'a'.repeat(10000),
    ]) {
      expect(typeof parseFilter(filter).ok).toBe('boolean');
    }
  });
});

describe('capture files', () => {
  it('keep what was written, in both byte orders and resolutions', () => {
    const frame = { at: 1700000000123456, nano: 0, length: 90, bytes: '\x00\xff'.repeat(30) };
    for (const nano of [false, true]) {
      const bytes = saveHeader('EN10MB', 65535, nano) + saveFrame(frame, nano);
      expect(loadFile(bytes)).toEqual({ ok: true, file: { link: 'EN10MB', snaplen: 65535, frames: [frame] } });
      expect(loadFile(bytes.slice(0, 30))).toMatchObject({
        file: { truncated: 'truncated dump file; tried to read 16 header bytes, only got 6' },
      });
    }
    expect(loadFile('no capture')).toEqual({ ok: false, error: 'unknown file format' });
  });
});
