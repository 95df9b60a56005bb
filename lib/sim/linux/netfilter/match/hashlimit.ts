import { type Ip, network } from '../../../addr/ip.ts';
import { ipLength, type Packet } from '../../../packet/packet.ts';
import { defineMatch, fail, NotModelled, type ParseContext } from '../ext.ts';
import { scanUint, U64_MAX, uintOption } from '../values.ts';
import { prefixLengthOption } from '../xtopt.ts';
import { byteRateText, costToBytes, parseByteRate, parsePacketRate, rateText } from './hashlimit-rate.ts';

/** What one source, destination or pair may still send. */
interface Bucket {
  credit: number;
  /** Seconds' worth of bytes that the burst still grants. */
  bursts: number;
  last: number;
  expires: number;
}

interface HashlimitArgs {
  name: string;
  above: boolean;
  bytes: boolean;
  /** Microseconds for one packet, or the cost of 16 bytes. */
  avg: number;
  burst: number;
  modes: string[];
  size: number;
  max: number;
  gcInterval: number;
  /** Milliseconds; null follows from the rate. */
  expire: number;
  srcmask: number;
  dstmask: number;
  bits: number;
  buckets: Record<string, Bucket>;
}

const MODES = ['srcip', 'srcport', 'dstip', 'dstport'];
const BURST = 5;
const BURST_MAX = 1_000_000;
const GC_INTERVAL = 1000;

const badValue = (option: string, value: string): never =>
  fail(`hashlimit: Bad value for "--${option}" option: "${value}"`);
const badBurst = (): never => fail(`bad value for option "--hashlimit-burst", or out of range (1-${BURST_MAX}).`);

function parseBurst(text: string): number {
  const read = scanUint(text);
  if (!read || read.value < 1 || read.value > U64_MAX || (read.rest === '' && read.value > BURST_MAX)) badBurst();
  const { value, rest } = read as { value: number; rest: string };
  return value * (rest[0] === 'm' ? 1024 * 1024 : rest[0] === 'k' ? 1024 : 1);
}

const NUMBERS: Record<string, 'size' | 'max' | 'gcInterval' | 'expire'> = {
  'hashlimit-htable-size': 'size',
  'hashlimit-htable-max': 'max',
  'hashlimit-htable-gcinterval': 'gcInterval',
  'hashlimit-htable-expire': 'expire',
};

function setOption(args: HashlimitArgs, id: string, value: string, not: boolean, ctx: ParseContext): void {
  const number = NUMBERS[id];
  if (number) args[number] = uintOption('hashlimit', id, value, 0, 0xffffffff);
  else if (id === 'hashlimit-burst') args.burst = parseBurst(value);
  else if (id === 'hashlimit-srcmask') args.srcmask = prefixLengthOption('hashlimit', id, value, ctx);
  else if (id === 'hashlimit-dstmask') args.dstmask = prefixLengthOption('hashlimit', id, value, ctx);
  else if (id === 'hashlimit-mode') {
    const words = value.split(/[,|]/).filter((w) => w !== '');
    if (words.some((w) => !MODES.includes(w))) badValue(id, value);
    args.modes = MODES.filter((m) => words.includes(m));
  } else if (id === 'hashlimit-name') {
    if (value === '') fail('Argument must have a minimum length of 1 characters\n');
    args.name = value.slice(0, 254);
  } else if (id.startsWith('hashlimit-rate')) throw new NotModelled(`iptables -m hashlimit --${id}`);
  else {
    args.above = (id === 'hashlimit-above') !== not;
    const bytes = parseByteRate(value);
    const packets = bytes === null ? parsePacketRate(value) : null;
    if (bytes === null && packets === null) badValue(id, value);
    args.bytes = bytes !== null;
    args.avg = (bytes ?? packets) as number;
  }
}

/** What a rate's text says of the time after which an idle bucket goes, in milliseconds. */
function shown(args: HashlimitArgs, prefix: string): { text: string; expire: number } {
  if (!args.bytes) {
    const { text, seconds } = rateText(args.avg);
    return { text: `${text} ${prefix}burst ${args.burst}`, expire: seconds * 1000 };
  }
  return { text: byteRateText(args.avg, args.burst, prefix), expire: (args.burst === 0 ? 15 : 60) * 1000 };
}

function words(args: HashlimitArgs, prefix: string, separator: string, named: boolean): string {
  const rate = shown(args, prefix);
  let text = ` ${rate.text}`;
  if (args.modes.length > 0) text += ` ${prefix}mode ${args.modes.join(separator)}`;
  if (named) text += ` ${prefix}name ${args.name}`;
  if (args.size) text += ` ${prefix}htable-size ${args.size}`;
  if (args.max) text += ` ${prefix}htable-max ${args.max}`;
  if (args.gcInterval !== GC_INTERVAL) text += ` ${prefix}htable-gcinterval ${args.gcInterval}`;
  if (args.expire !== rate.expire) text += ` ${prefix}htable-expire ${args.expire}`;
  if (args.srcmask !== args.bits) text += ` ${prefix}srcmask ${args.srcmask}`;
  return args.dstmask === args.bits ? text : `${text} ${prefix}dstmask ${args.dstmask}`;
}

function keyOf(args: HashlimitArgs, packet: Packet): string {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const l4 = packet.tcp ?? packet.udp;
  const part: Record<string, Ip | number> = {
    srcip: network(ip.src, args.srcmask),
    dstip: network(ip.dst, args.dstmask),
    srcport: l4?.sport ?? 0,
    dstport: l4?.dport ?? 0,
  };
  return args.modes.map((m) => String(part[m])).join(' ');
}

/** CREDITS_PER_JIFFY_BYTES at HZ 1000, and what a second of them is. */
const JIFFY_CREDITS = 4194304;
const SECOND_CREDITS = JIFFY_CREDITS * 1000;

/** Takes what the packet costs; false when the bucket has not enough: hashlimit_mt_common(). */
function spend(args: HashlimitArgs, now: number, packet: Packet): boolean {
  const key = keyOf(args, packet);
  const cap = args.bytes ? SECOND_CREDITS : args.avg * args.burst;
  let bucket = args.buckets[key];
  const gc = Math.floor(now / (args.gcInterval * 1000)) * args.gcInterval * 1000;
  if (!bucket || bucket.expires < gc) {
    bucket = { credit: cap, bursts: args.bytes ? args.burst : 0, last: now, expires: 0 };
    args.buckets[key] = bucket;
  } else {
    const earned = args.bytes ? Math.floor((now - bucket.last) / 1000) * JIFFY_CREDITS : now - bucket.last;
    bucket.credit = Math.min(cap, bucket.credit + earned);
    bucket.last = now;
  }
  bucket.expires = now + args.expire * 1000;
  let cost = args.avg;
  if (args.bytes) {
    const unit = Math.floor((args.avg * SECOND_CREDITS) / 2 ** 32);
    cost = Math.min(SECOND_CREDITS, ((ipLength(packet) >> 4) + 1) * unit);
    if (bucket.credit < cost && bucket.bursts > 0) {
      bucket.bursts--;
      bucket.credit += SECOND_CREDITS;
    }
  }
  if (bucket.credit < cost) return false;
  bucket.credit -= cost;
  return true;
}

/** A token bucket for each address or port: xt_hashlimit.c. */
export const hashlimit = defineMatch<HashlimitArgs>({
  name: 'hashlimit',
  options: [
    { name: 'hashlimit-upto', arg: true, invert: true, excl: ['hashlimit-above'] },
    { name: 'hashlimit-above', arg: true, invert: true, excl: ['hashlimit-upto'] },
    { name: 'hashlimit', arg: true, invert: true, id: 'hashlimit-upto', excl: ['hashlimit-above'] },
    ...['srcmask', 'dstmask', 'burst', 'htable-size', 'htable-max', 'htable-gcinterval', 'htable-expire', 'mode'].map(
      (word) => ({ name: `hashlimit-${word}`, arg: true }),
    ),
    { name: 'hashlimit-name', arg: true, must: true },
    { name: 'hashlimit-rate-match' },
    { name: 'hashlimit-rate-interval', arg: true },
  ],
  init(ctx) {
    const bits = ctx.family === 'ip' ? 32 : 128;
    return {
      name: '',
      above: false,
      bytes: false,
      avg: 0,
      burst: BURST,
      modes: [],
      size: 0,
      max: 0,
      gcInterval: GC_INTERVAL,
      expire: 0,
      srcmask: bits,
      dstmask: bits,
      bits,
      buckets: {},
    };
  },
  option: setOption,
  done(args, seen) {
    if (!seen.has('hashlimit-upto') && !seen.has('hashlimit-above')) fail('You have to specify --hashlimit');
    if (args.bytes) {
      const least = costToBytes(args.avg);
      if (seen.has('hashlimit-burst') && args.burst < least) fail(`burst cannot be smaller than ${least}b`);
      args.burst = seen.has('hashlimit-burst') ? Math.ceil(args.burst / least) : 0;
    } else if (args.burst > BURST_MAX) badBurst();
    if (!seen.has('hashlimit-htable-expire')) args.expire = shown(args, '').expire;
  },
  accept: (args) => (args.gcInterval === 0 || args.expire === 0 || args.avg === 0 ? 'EINVAL' : null),
  save: (args) => ` --hashlimit-${args.above ? 'above' : 'upto'}${words(args, '--hashlimit-', ',', true)}`,
  list: (args) => `limit: ${args.above ? 'above' : 'up to'}${words(args, '', '-', false)}`,
  apply: (args, { world, packet }) => packet.ip !== undefined && spend(args, world.now, packet) !== args.above,
});
