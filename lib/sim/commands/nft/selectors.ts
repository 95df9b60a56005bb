/** The words that select something of a packet: header fields, meta, ct, fib, rt, socket and the rest. */
import { HEADER_FIELDS, HEADER_NAMES } from '../../linux/netfilter/nft/headers.ts';
import type { NftField } from '../../linux/netfilter/nft/types.ts';
import type { Raw } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { chunk, EXTHDRS, exthdr, field, option } from './header-parts.ts';
import type { Token } from './lexer.ts';

/** meta's keys: type and bits. Those of UNQUALIFIED are shown without `meta`. */
export const META: Readonly<Record<string, readonly [string, number]>> = {
  length: ['integer', 32],
  protocol: ['ether_type', 16],
  priority: ['classid', 32],
  mark: ['mark', 32],
  iif: ['iface_index', 32],
  oif: ['iface_index', 32],
  iifname: ['ifname', 128],
  oifname: ['ifname', 128],
  iiftype: ['iface_type', 16],
  oiftype: ['iface_type', 16],
  skuid: ['uid', 32],
  skgid: ['gid', 32],
  nftrace: ['integer', 1],
  rtclassid: ['realm', 32],
  secmark: ['integer', 32],
  nfproto: ['nf_proto', 8],
  l4proto: ['inet_proto', 8],
  ibrname: ['ifname', 128],
  obrname: ['ifname', 128],
  pkttype: ['pkt_type', 8],
  cpu: ['integer', 32],
  iifgroup: ['devgroup', 32],
  oifgroup: ['devgroup', 32],
  cgroup: ['integer', 32],
  random: ['integer', 32],
  ipsec: ['boolean', 1],
  iifkind: ['ifname', 128],
  oifkind: ['ifname', 128],
  ibrpvid: ['integer', 16],
  ibrvproto: ['ether_type', 16],
  time: ['date', 64],
  day: ['day', 8],
  hour: ['hour', 32],
  sdif: ['iface_index', 32],
  sdifname: ['ifname', 128],
};
const UNQUALIFIED = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup']);
/** meta's keys that may stand without `meta`. */
const BARE = new Set(
  'mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport obriport ibrname obrname pkttype cpu iifgroup oifgroup cgroup'.split(
    ' ',
  ),
);
const META_ALIASES: Readonly<Record<string, string>> = { ibriport: 'ibrname', obriport: 'obrname', secpath: 'ipsec' };

/** ct's keys. */
export const CT: Readonly<Record<string, readonly [string, number]>> = {
  state: ['ct_state', 32],
  direction: ['ct_dir', 8],
  status: ['ct_status', 32],
  mark: ['mark', 32],
  expiration: ['time', 32],
  helper: ['string', 128],
  l3proto: ['nf_proto', 8],
  protocol: ['inet_proto', 8],
  label: ['ct_label', 128],
  event: ['ct_event', 32],
  secmark: ['integer', 32],
  id: ['integer', 32],
  bytes: ['integer', 64],
  packets: ['integer', 64],
  avgpkt: ['integer', 64],
  zone: ['integer', 16],
  saddr: ['invalid', 128],
  daddr: ['invalid', 128],
  'proto-src': ['inet_service', 16],
  'proto-dst': ['inet_service', 16],
  'ip saddr': ['ipv4_addr', 32],
  'ip daddr': ['ipv4_addr', 32],
  'ip6 saddr': ['ipv6_addr', 128],
  'ip6 daddr': ['ipv6_addr', 128],
};
const DIRECTED = new Set([
  'saddr',
  'daddr',
  'l3proto',
  'protocol',
  'proto-src',
  'proto-dst',
  'zone',
  'bytes',
  'packets',
  'avgpkt',
]);

/** Fields of headers that are few: bison then names them. */
const FEW: Readonly<Record<string, string>> = {
  ether: 'saddr or daddr or type',
  udp: 'length or checksum or sport or dport',
  udplite: 'checksum or csumcov or sport or dport',
  th: 'sport or dport',
  comp: 'flags or nexthdr or cpi',
  esp: 'sequence or spi',
  dccp: 'type or sport or dport',
};

export const metaField = (key: string): NftField => {
  const [type, bits] = META[key] as readonly [string, number];
  return field(UNQUALIFIED.has(key) ? key : `meta ${key}`, type, bits);
};

/** The header field, meta key or ct key of a name as nft prints it; null for others. */
export function fieldByName(name: string): NftField | null {
  const header = HEADER_FIELDS.get(name);
  if (header) return field(name, header.type, header.bits);
  const meta = name.replace(/^meta /, '');
  if (META[meta]) return metaField(meta);
  const ct = /^ct (?:(?:original|reply) )?(.*)$/.exec(name)?.[1];
  if (ct && CT[ct]) return field(name, ...(CT[ct] as readonly [string, number]));
  return null;
}

function meta(c: Cursor, start: number): Raw {
  return c.scoped('meta', () => {
    const t = c.token;
    const key = META_ALIASES[t.text] ?? t.text;
    if (t.kind !== 'word' || (c.isKeyword && !META[key])) c.unexpected();
    c.next();
    if (!META[key]) c.fail(`syntax error, unexpected ${t.text}, known keys are ${KNOWN_META}`, c.since(start));
    return { k: 'field', field: metaField(key), span: c.since(start) };
  });
}
export const KNOWN_META =
  'length, protocol, priority, mark, iif, oif, iifname, oifname, iiftype, oiftype, skuid, skgid, nftrace, rtclassid, ' +
  'secmark, nfproto, l4proto, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, random, ipsec, iifkind, ' +
  'oifkind, ibrpvid, ibrvproto, time, day, hour, sdif, sdifname';

function ct(c: Cursor, start: number): Raw {
  return c.scoped('ct', () => {
    const directed = c.oneOf('original', 'reply') ? c.next().text : null;
    let key = c.token.text;
    if (directed && c.oneOf('ip', 'ip6')) {
      c.next();
      if (!c.oneOf('saddr', 'daddr')) c.unexpected('saddr or daddr');
      key = `${key} ${c.token.text}`;
    }
    if (!CT[key] || (directed && !key.includes(' ') && !DIRECTED.has(key))) c.unexpected();
    c.next();
    const shown =
      directed &&
      (key.includes('addr') || key.startsWith('proto-') || ['zone', 'bytes', 'packets', 'avgpkt'].includes(key))
        ? `${directed} `
        : '';
    const [type, bits] = CT[key] as readonly [string, number];
    const untyped = key === 'proto-src' || key === 'proto-dst';
    return {
      k: 'field',
      field: field(`ct ${shown}${key}`, type, bits),
      span: c.since(start),
      ...(key === 'saddr' || key === 'daddr' || (directed && untyped)
        ? { ctFamily: untyped ? 'proto' : 'address' }
        : {}),
      ...(directed && key.includes(' ') ? { ctFamily: key.split(' ')[0] as string } : {}),
      ...(!directed && untyped ? { ctFamily: 'proto' } : {}),
    };
  });
}

const FIB_KEYS = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

function fib(c: Cursor, start: number): Raw {
  return c.scoped('fib', () => {
    const keys: string[] = [];
    do {
      if (!c.oneOf(...FIB_KEYS)) c.unexpected();
      keys.push(c.next().text);
    } while (c.eat('.'));
    const order = [...FIB_KEYS].filter((k) => keys.includes(k));
    const result = c.token.text;
    if (!c.oneOf('oif', 'oifname', 'type')) c.unexpected('type or oif or oifname');
    c.next();
    const type = result === 'oif' ? 'iface_index' : result === 'oifname' ? 'ifname' : 'fib_addrtype';
    return {
      k: 'field',
      field: field(`fib ${order.join(' . ')} ${result}`, type, result === 'oifname' ? 128 : 32),
      span: c.since(start),
    };
  });
}

/** `rt classid|nexthop|mtu|ipsec`, which share their first word with IPv6's routing header. */
function rt(c: Cursor, start: number): Raw {
  const family = c.oneOf('ip', 'ip6') ? `${c.next().text} ` : '';
  const keys: Record<string, readonly [string, number]> = {
    classid: ['realm', 32],
    nexthop: [
      family === 'ip6 ' ? 'ipv6_addr' : family === 'ip ' ? 'ipv4_addr' : 'invalid',
      family === 'ip6 ' ? 128 : 32,
    ],
    mtu: ['integer', 16],
    ipsec: ['boolean', 1],
  };
  const key = c.token.text;
  if (!keys[key]) return exthdr(c, start, 'rt');
  c.next();
  return { k: 'field', field: field(`rt ${family}${key}`, ...keys[key]), proto: 'rt', span: c.since(start) };
}

function socket(c: Cursor, start: number): Raw {
  return c.scoped('socket', () => {
    const key = c.token.text;
    if (!['transparent', 'mark', 'wildcard', 'cgroupv2'].includes(key) || c.token.kind !== 'word')
      c.unexpected('transparent or wildcard or cgroupv2 or mark');
    c.next();
    if (key === 'cgroupv2') {
      c.expect('level', 'level');
      const level = c.number('number');
      return { k: 'field', field: field(`socket cgroupv2 level ${level}`, 'cgroupsv2', 64), span: c.since(start) };
    }
    return {
      k: 'field',
      field: field(`socket ${key}`, key === 'mark' ? 'mark' : 'integer', key === 'mark' ? 32 : 8),
      span: c.since(start),
    };
  });
}

/** A header's field. */
function header(c: Cursor, start: number, proto: string): Raw {
  return c.scoped(proto, () => {
    if (proto === 'tcp' || proto === 'ip') {
      if (c.eat('option')) return option(c, start, proto);
    }
    if (proto === 'sctp' && c.eat('chunk')) return chunk(c, start);
    let key = c.token.text === 'cfi' ? 'dei' : c.token.text === 'param-problem' ? 'parameter-problem' : c.token.text;
    if (proto === 'icmpv6' && c.token.text === 'parameter-problem') c.unexpected();
    if (proto === 'icmpv6' && key === 'packet-too-big') c.unexpected();
    if (c.token.kind !== 'word') c.unexpected(FEW[proto]);
    if (proto === 'arp' && (key === 'saddr' || key === 'daddr')) {
      c.next();
      if (!c.oneOf('ether', 'ip')) c.unexpected('ether or ip');
      key = `${key} ${c.token.text}`;
    }
    const found = HEADER_FIELDS.get(`${proto} ${key}`);
    if (!found) c.unexpected(FEW[proto]);
    c.next();
    return { k: 'field', field: field(found.name, found.type, found.bits), proto, span: c.since(start) };
  });
}

/** A selector, when one starts here. */
export function parseSelector(c: Cursor): Raw | null {
  const t: Token = c.token;
  if (t.kind !== 'word') return null;
  const { text, start } = t;
  const take = () => c.next();
  if (text === 'meta') return take() && meta(c, start);
  if (BARE.has(text)) {
    take();
    return { k: 'field', field: metaField(META_ALIASES[text] ?? text), span: c.since(start) };
  }
  if (text === 'time' || text === 'day' || text === 'hour') {
    take();
    return { k: 'field', field: metaField(text), span: c.since(start) };
  }
  if (text === 'ct') return take() && ct(c, start);
  if (text === 'fib') return take() && fib(c, start);
  if (text === 'socket') return take() && socket(c, start);
  if (text === 'rt') return take() && rt(c, start);
  if (text === 'exthdr') {
    take();
    const name = c.token.text;
    if (!c.oneOf('hbh', 'rt', 'frag', 'dst', 'mh')) c.unexpected();
    take();
    return { k: 'field', field: field(`exthdr ${name}`, 'boolean', 1), proto: 'exthdr', span: c.since(start) };
  }
  if (text === 'osf') {
    take();
    return c.scoped('osf', () => {
      const ttl = c.eat('ttl') ? `ttl ${c.string()} ` : '';
      c.expect('name', 'name');
      return { k: 'field', field: field(`osf ${ttl}name`, 'string', 128), span: c.since(start) };
    });
  }
  if (text !== 'rt' && EXTHDRS[text]) return take() && exthdr(c, start, text);
  if (HEADER_NAMES.has(text)) return take() && header(c, start, text);
  return null;
}
