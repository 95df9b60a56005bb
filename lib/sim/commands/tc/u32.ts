/** Selectors of u32 as words and as text: f_u32.c of iproute2 6.1.0. */
import { formatIp, parsePrefix } from '../../addr/ip.ts';
import type { U32Key } from '../../linux/tc/types.ts';
import { ETH_IP } from '../../packet/packet.ts';
import { type Args, Exit, getUnsigned, notModelledExit } from '../../text/iproute.ts';

const illegal = (): Exit => new Exit(1, 'Illegal "match"\n');

/** pack_key(): keys of one place are one. */
function pack(keys: U32Key[], val: number, mask: number, off: number, next: boolean): void {
  const masked = (val & mask) >>> 0;
  const old = keys.find((k) => k.off === off && k.next === next);
  if (!old) {
    keys.push({ val: masked, mask: mask >>> 0, off, next });
    return;
  }
  if (((masked ^ old.val) & mask & old.mask) !== 0) throw illegal();
  old.val = (old.val | masked) >>> 0;
  old.mask = (old.mask | mask) >>> 0;
}

/** A value and a mask of so many bits, at a place in bytes. */
function packBits(keys: U32Key[], bits: 8 | 16 | 32, val: number, mask: number, off: number, next: boolean): void {
  if (bits === 32 ? off % 4 !== 0 : bits === 16 && off % 2 !== 0) throw illegal();
  const shift = 32 - bits - 8 * (((off % 4) + 4) % 4);
  pack(keys, (val << shift) >>> 0, (mask << shift) >>> 0, off - (((off % 4) + 4) % 4), next);
}

function value(args: Args, max: number): number {
  const got = getUnsigned(args.next(), max);
  if (got === null) throw illegal();
  return got;
}

/** A mask is hexadecimal, with or without 0x. */
function mask(args: Args, max: number): number {
  const word = args.next();
  const got = /^(0x)?[0-9a-f]+$/i.test(word) ? Number.parseInt(word.replace(/^0x/i, ''), 16) : Number.NaN;
  if (!(got <= max)) throw illegal();
  return got;
}

/** `at N` or `at nexthdr+N`, when it follows. */
function place(args: Args, off: number, next: boolean): [number, boolean] {
  if (args.words[args.at + 1] !== 'at') return [off, next];
  args.skip();
  const m = /^(nexthdr\+)?(-?(?:0x[0-9a-f]+|\d+))$/i.exec(args.next());
  if (!m) throw illegal();
  return [Number(m[2]), next || m[1] !== undefined];
}

const FULL = { 8: 0xff, 16: 0xffff, 32: 0xffffffff } as const;

function bits(args: Args, keys: U32Key[], size: 8 | 16 | 32, at: number, next = false): void {
  const val = value(args, FULL[size]);
  const m = mask(args, FULL[size]);
  const [off, beyond] = place(args, at, next);
  packBits(keys, size, val, m, off, beyond);
}

const IP_FIELDS: Readonly<Record<string, [8 | 16, number]>> = {
  tos: [8, 1],
  dsfield: [8, 1],
  ihl: [8, 0],
  protocol: [8, 9],
  precedence: [8, 1],
  sport: [16, 20],
  dport: [16, 22],
  icmp_type: [8, 20],
  icmp_code: [8, 21],
};
const PORTS: Readonly<Record<string, [8 | 16, number]>> = { src: [16, 0], dst: [16, 2] };
const ICMP: Readonly<Record<string, [8 | 16, number]>> = { type: [8, 0], code: [8, 1] };

function address(args: Args, keys: U32Key[], at: number): void {
  const word = args.next();
  const prefix = parsePrefix(word);
  if (!prefix || typeof prefix.ip !== 'number') throw illegal();
  const m = prefix.len === 0 ? 0 : (0xffffffff << (32 - prefix.len)) >>> 0;
  const [off, next] = place(args, at, false);
  packBits(keys, 32, prefix.ip >>> 0, m, off, next);
}

/** What stands behind `match`; the last word read stays at hand. Errors: exit 1 as f_u32.c. */
export function parseMatch(args: Args, keys: U32Key[]): void {
  const what = args.word;
  if (what === 'u32' || what === 'u16' || what === 'u8') {
    bits(args, keys, Number(what.slice(1)) as 8 | 16 | 32, 0);
    return;
  }
  if (what === 'mark') {
    // This kernel is built without CONFIG_CLS_U32_MARK: it takes the mark and does not heed it.
    value(args, FULL[32]);
    mask(args, FULL[32]);
    return;
  }
  if (what === 'ip6' || what === 'ether') throw notModelledExit(`tc filter u32 match ${what}`);
  const fields = { ip: IP_FIELDS, tcp: PORTS, udp: PORTS, icmp: ICMP }[what];
  if (!fields) throw illegal();
  const field = args.next();
  if (what === 'ip' && (field === 'src' || field === 'dst')) {
    address(args, keys, field === 'src' ? 12 : 16);
    return;
  }
  if (what === 'ip' && /^(nofrag|firstfrag|df|mf)$/.test(field))
    throw notModelledExit(`tc filter u32 match ip ${field}`);
  const found = fields[field];
  if (!found) throw illegal();
  bits(args, keys, found[0], found[1], what !== 'ip');
}

const hex8 = (n: number): string => n.toString(16).padStart(8, '0');

/** A key as `-p` shows it for IPv4: print_ipv4(); '' for what has no words. */
function prettyText({ val, mask: m, off, next }: U32Key): string {
  if (next) return '';
  if (off === 0 && m === 0x0f000000) return `match IP ihl ${val >>> 24}`;
  if (off === 0 && m === 0x00ff0000) return `match IP dsfield 0x${(val >>> 16).toString(16)}`;
  if (off === 8 && m === 0x00ff0000) return `match IP protocol ${val >>> 16}`;
  if (off === 12 || off === 16) {
    const length = m.toString(2).padStart(32, '0').replace(/0+$/, '');
    return length.includes('0') ? '' : `match IP ${off === 12 ? 'src' : 'dst'} ${formatIp(val)}/${length.length}`;
  }
  if (off !== 20) return '';
  if (m === 0x0000ffff) return `match dport ${val & 0xffff}`;
  if (m === 0xffff0000) return `match sport ${val >>> 16}`;
  return m === 0xffffffff ? `match sport ${val >>> 16}, match dport ${val & 0xffff}` : '';
}

/** A key as text, with the line break before it. */
export function keyText(key: U32Key, protocol: number, pretty: boolean): string {
  if (pretty && protocol === ETH_IP) {
    const text = prettyText(key);
    return text === '' ? '' : `\n  ${text}`;
  }
  return `\n  match ${hex8(key.val)}/${hex8(key.mask)} at ${key.next ? 'nexthdr+' : ''}${key.off}`;
}
