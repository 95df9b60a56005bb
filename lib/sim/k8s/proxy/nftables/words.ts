/** The words that kube-proxy's rules are made of, as nf_tables statements with their text: what `nft` makes of the same line. */
import { bitsOf, broadcast4, formatIp, type Ip, network, parseIp, parsePrefix } from '../../../addr/ip.ts';
import { dedupe, merge } from '../../../linux/netfilter/nft/intervals.ts';
import type { NftRuleSpec } from '../../../linux/netfilter/nft/transaction.ts';
import type { NftElem, NftExpr, NftRange, NftSetRef, NftStmt, NftVerdict } from '../../../linux/netfilter/nft/types.ts';
import type { ProxyFamily } from '../mode.ts';
import type { Endpoint, ServicePort } from '../service-ports.ts';

/** A part of a rule. */
export interface Words {
  text: string;
  nft: NftStmt[];
}

export const PROTOCOL: Readonly<Record<ServicePort['protocol'], number>> = { tcp: 6, udp: 17, sctp: 132 };

const field = (name: string, type: string, bits: number): NftExpr => ({ kind: 'field', field: { name, type, bits } });
const MARK = field('meta mark', 'mark', 32);
const L4PROTO = field('meta l4proto', 'inet_proto', 8);
const DPORT = field('th dport', 'inet_service', 16);
const exactly = (v: Ip): NftRange => ({ lo: v, hi: v });
const value = (v: Ip, type: string, bits: number): NftExpr => ({ kind: 'value', value: exactly(v), type, bits });

/** Words behind one another, and a rule's comment. */
export function rule(parts: readonly Words[], comment?: string): NftRuleSpec {
  const text = parts.map((p) => p.text).join(' ');
  const nft = parts.flatMap((p) => p.nft);
  return comment === undefined ? { text, nft } : { text: `${text} comment "${comment}"`, nft, comment };
}

const verdict = (v: NftVerdict, text: string): Words => ({ text, nft: [{ kind: 'verdict', verdict: v }] });
export const jump = (chain: string): Words => verdict({ code: 'jump', chain }, `jump ${chain}`);
export const goTo = (chain: string): Words => verdict({ code: 'goto', chain }, `goto ${chain}`);
export const DROP = verdict({ code: 'drop' }, 'drop');
export const RETURN = verdict({ code: 'return' }, 'return');

/** A new connection: bit 3 of the state. */
export const CT_NEW: Words = {
  text: 'ct state new',
  nft: [{ kind: 'flags', left: field('ct state', 'ct_state', 32), not: false, bits: 8 }],
};

/** `fib saddr type local`: the address is one of the machine's (RTN_LOCAL). */
export const fibLocal = (side: 'saddr' | 'daddr'): Words => ({
  text: `fib ${side} type local`,
  nft: [{ kind: 'match', left: field(`fib ${side} type`, 'fib_addrtype', 32), op: '==', right: exactly(2) }],
});

const hex = (mark: number): string => `0x${mark.toString(16).padStart(8, '0')}`;

const withMark = (op: '&' | '|' | '^', mark: number): NftExpr => ({
  kind: 'bin',
  op,
  left: MARK,
  right: value(mark, 'mark', 32),
});

export const markUnset = (mark: number): Words => ({
  text: `meta mark & ${hex(mark)} == ${hex(0)}`,
  nft: [{ kind: 'match', left: withMark('&', mark), op: '==', right: exactly(0) }],
});

export const changeMark = (op: '|' | '^', mark: number): Words => ({
  text: `meta mark set meta mark ${op} ${hex(mark)}`,
  nft: [{ kind: 'set', target: { name: 'meta mark', type: 'mark', bits: 32 }, value: withMark(op, mark) }],
});

export const MASQUERADE: Words = {
  text: 'masquerade fully-random',
  nft: [
    {
      kind: 'nat',
      what: 'masquerade',
      family: null,
      shown: false,
      addr: null,
      port: null,
      flags: ['fully-random'],
    },
  ],
};

const vmap = (key: NftExpr, keyText: string, set: NftSetRef, setText: string): Words => ({
  text: `${keyText} vmap ${setText}`,
  nft: [{ kind: 'vmap', key, set }],
});

/** Protocol and port looked up in a map. */
export const portMap = (name: string): Words =>
  vmap({ kind: 'concat', parts: [L4PROTO, DPORT] }, 'meta l4proto . th dport', { name }, `@${name}`);

/** One of some chains, each as likely as the others. */
export function random(chains: readonly string[]): Words {
  const elems = chains.map((chain, i): NftElem => ({ key: [exactly(i)], data: { code: 'goto', chain } }));
  return vmap(
    { kind: 'numgen', mode: 'random', mod: chains.length, offset: 0, next: chains.length - 1 },
    `numgen random mod ${chains.length}`,
    { types: ['integer'], bits: [32], interval: false, elems },
    `{ ${chains.map((chain, i) => `${i} : goto ${chain}`).join(', ')} }`,
  );
}

/** `iifname "cni0"`; an asterisk at the end stands for any rest. */
export const inDevice = (name: string, not: boolean): Words => ({
  text: `iifname ${not ? '!= ' : ''}"${name}"`,
  nft: [{ kind: 'match', left: field('iifname', 'ifname', 128), op: not ? '!=' : '==', right: { lo: name, hi: name } }],
});

/** An address, or a prefix as a range with its ends. */
function rangeOf(text: string): NftRange {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`no prefix: ${text}`);
  const { ip, len } = prefix;
  if (len === bitsOf(ip)) return exactly(ip);
  const lo = network(ip, len);
  const hi = typeof lo === 'bigint' ? lo | ((1n << BigInt(128 - len)) - 1n) : broadcast4(lo, len);
  return { lo, hi, len };
}

/** A range of addresses as nft prints it: as a prefix where it is one. */
function rangeText({ lo, hi }: NftRange): string {
  if (typeof lo === 'string' || typeof hi === 'string') return String(lo);
  if (lo === hi) return formatIp(lo);
  const size = BigInt(hi) - BigInt(lo) + 1n;
  const log = size.toString(2).length - 1;
  return size === 1n << BigInt(log) && BigInt(lo) % size === 0n
    ? `${formatIp(lo)}/${bitsOf(lo) - log}`
    : `${formatIp(lo)}-${formatIp(hi)}`;
}

/** The words that differ between families. */
export class FamilyWords {
  readonly addressType: 'ipv4_addr' | 'ipv6_addr';
  readonly bits: 32 | 128;
  readonly reject: Words;
  /** Not to this machine itself. */
  readonly notLoopback: Words;
  private readonly sides: Readonly<Record<'saddr' | 'daddr', NftExpr>>;

  constructor(readonly family: ProxyFamily) {
    const v4 = family === 'ip';
    this.addressType = v4 ? 'ipv4_addr' : 'ipv6_addr';
    this.bits = v4 ? 32 : 128;
    this.sides = { saddr: this.side('saddr'), daddr: this.side('daddr') };
    // port-unreachable of either ICMP.
    this.reject = {
      text: 'reject',
      nft: [{ kind: 'reject', type: v4 ? 'icmp' : 'icmpv6', code: v4 ? 3 : 4, verbose: false }],
    };
    this.notLoopback = this.address('daddr', v4 ? '127.0.0.0/8' : '::1', true);
  }

  private side(side: 'saddr' | 'daddr'): NftExpr {
    return field(`${this.family} ${side}`, this.addressType, this.bits);
  }

  /** An address or a prefix compared. */
  address(side: 'saddr' | 'daddr', text: string, not = false): Words {
    const right = rangeOf(text);
    return {
      text: `${this.family} ${side} ${not ? '!= ' : ''}${rangeText(right)}`,
      nft: [{ kind: 'match', left: this.sides[side], op: not ? '!=' : '==', right }],
    };
  }

  /** Addresses and prefixes in place. One alone needs no set. */
  addresses(side: 'saddr' | 'daddr', texts: readonly string[], not = false): Words {
    if (texts.length === 1) return this.address(side, texts[0] as string, not);
    const given = texts.map((text): NftElem => {
      const { lo, hi } = rangeOf(text);
      return { key: [{ lo, hi }] };
    });
    const interval = given.some((e) => e.key[0]?.lo !== e.key[0]?.hi);
    const elems = interval ? merge(given) : dedupe(given);
    const set = { types: [this.addressType], bits: [this.bits], interval, elems };
    return {
      text: `${this.family} ${side} ${not ? '!= ' : ''}{ ${elems.map((e) => rangeText(e.key[0] as NftRange)).join(', ')} }`,
      nft: [{ kind: 'lookup', left: this.sides[side], not, set }],
    };
  }

  inSet(side: 'saddr' | 'daddr', name: string): Words {
    return {
      text: `${this.family} ${side} @${name}`,
      nft: [{ kind: 'lookup', left: this.sides[side], not: false, set: { name } }],
    };
  }

  /** Destination, protocol and port looked up in a map. */
  addressMap(name: string): Words {
    const key: NftExpr = { kind: 'concat', parts: [this.sides.daddr, L4PROTO, DPORT] };
    return vmap(key, `${this.family} daddr . meta l4proto . th dport`, { name }, `@${name}`);
  }

  /** The client is remembered in a set, anew each time. */
  remember(set: string): Words {
    return {
      text: `update @${set} { ${this.family} saddr }`,
      nft: [{ kind: 'dynset', op: 'update', set, key: this.sides.saddr, data: null, timeout: 0, stmts: [] }],
    };
  }

  dnat(protocol: ServicePort['protocol'], e: Endpoint, at: string): Words {
    return {
      text: `meta l4proto ${protocol} dnat to ${at}`,
      nft: [
        { kind: 'match', left: L4PROTO, op: '==', right: exactly(PROTOCOL[protocol]) },
        {
          kind: 'nat',
          what: 'dnat',
          family: null,
          shown: false,
          addr: value(parseIp(e.ip) ?? 0, this.addressType, this.bits),
          port: value(e.port, 'inet_service', 16),
          flags: [],
        },
      ],
    };
  }
}
