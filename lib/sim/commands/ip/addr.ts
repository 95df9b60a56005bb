/** `ip address`: ip/ipaddress.c. */
import { type Ip as Address, bitsOf, broadcast4, type Ip4, isMulticast, network } from '../../addr/ip.ts';
import type { Program } from '../../kernel/process.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import { linkLocalFollows } from '../../linux/addr/ipv6.ts';
import { addAddress, addAddressRoutes, deleteAddress } from '../../linux/addr/ops.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import { notifyAddress } from '../../linux/notify.ts';
import { removeRoutes } from '../../linux/route/table.ts';
import type { IfAddr, Link } from '../../linux/types.ts';
import { Args, duparg, duparg2, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { printAddress, wantsAddress } from './addr-print.ts';
import { answer, device, deviceToShow, flush, type Ip, printerFor } from './context.ts';
import { checkDump } from './dump.ts';
import { USAGE } from './help.ts';
import { parseSelector, showLinks } from './link-show.ts';
import { getAddr, getPrefix, type ParsedPrefix, scopeId } from './parse.ts';

interface AddressWords {
  local: ParsedPrefix | null;
  localText: string;
  peer: ParsedPrefix | null;
  /** An address, or `+`/`-`: all host bits set or clear. */
  broadcast: Ip4 | '+' | '-' | null;
  scope: number | null;
  dev: string | null;
  label: string | null;
  metric: number;
  valid: number | null;
  preferred: number | null;
  flags: string[];
  proto: number;
}

const CONF_FLAGS = ['home', 'nodad', 'mngtmpaddr', 'noprefixroute', 'autojoin'];
const V6_FLAGS = ['home', 'nodad', 'mngtmpaddr'];
/** IFNAMSIZ less its terminating zero. */
const NAME_MAX = 15;
const FOREVER = 4294967295;

function lifetime(word: string, key: string): number {
  if (word === 'forever') return FOREVER;
  const seconds = getUnsigned(word);
  if (seconds === null) throw invarg(`${key} value`, word);
  if (key === 'valid_lft' && seconds === 0) throw new Exit(1, 'valid_lft is zero\n');
  return seconds;
}

function parse(ip: Ip, words: readonly string[]): AddressWords {
  let family: 0 | 4 | 6 = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const take = (text: string): ParsedPrefix => {
    const prefix = getPrefix(text, family);
    if (family === 0 && !prefix.any) family = typeof prefix.ip === 'bigint' ? 6 : 4;
    return prefix;
  };
  const w: AddressWords = {
    local: null,
    localText: '',
    peer: null,
    broadcast: null,
    scope: null,
    dev: null,
    label: null,
    metric: 0,
    valid: null,
    preferred: null,
    flags: [],
    proto: 0,
  };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'peer' || word === 'remote') {
      if (w.peer) throw duparg('peer', word);
      w.peer = take(args.next());
    } else if (matches(word, 'broadcast') || word === 'brd') {
      const value = args.next();
      if (w.broadcast !== null) throw duparg('broadcast', value);
      w.broadcast = value === '+' || value === '-' ? value : (getAddr(value, 4) as Ip4);
    } else if (word === 'anycast')
      getAddr(args.next(), family); // the kernel takes the attribute and does nothing
    else if (word === 'scope') {
      w.scope = scopeId(args.next());
      if (w.scope === null) throw invarg('invalid scope value.', args.word);
    } else if (word === 'dev') w.dev = args.next();
    else if (word === 'label') w.label = args.next();
    else if (matches(word, 'metric') || matches(word, 'priority') || matches(word, 'preference')) {
      const metric = getUnsigned(args.next());
      if (metric === null) throw invarg('"metric" value is invalid\n', args.word);
      w.metric = metric;
    } else if (matches(word, 'valid_lft')) w.valid = lifetime(args.next(), 'valid_lft');
    else if (matches(word, 'preferred_lft')) w.preferred = lifetime(args.next(), 'preferred_lft');
    else if (CONF_FLAGS.includes(word)) w.flags.push(word);
    else {
      const value = word === 'local' ? args.next() : word;
      if (matches(value, 'help')) throw new Exit(255, USAGE.address);
      if (w.local) throw duparg2('local', value);
      w.local = take(value);
      w.localText = value;
    }
  }
  return w;
}

function requireDevice(ip: Ip, w: AddressWords): Link {
  if (w.dev === null) throw new Exit(1, 'Not enough information: "dev" argument is required.\n');
  return device(ip, w.dev);
}

function broadcastOf(w: AddressWords, base: ParsedPrefix): Ip4 | null {
  if (w.broadcast !== '+' && w.broadcast !== '-') return w.broadcast;
  if (typeof base.ip === 'bigint') throw new Exit(1, 'Broadcast can be set only for IPv4 addresses\n');
  if (base.len > 30) return null;
  return w.broadcast === '+' ? broadcast4(base.ip, base.len) : (network(base.ip, base.len) as Ip4);
}

/** Words that are for the other family, or for a group. */
function warn(ip: Ip, w: AddressWords, local: ParsedPrefix): void {
  if (w.flags.includes('autojoin') && !isMulticast(local.ip)) throw new Exit(1, 'autojoin needs multicast address\n');
  if (typeof local.ip === 'bigint') return;
  for (const flag of V6_FLAGS.filter((f) => w.flags.includes(f)))
    ip.err += `Warning: ${flag} option can be set only for IPv6 addresses\n`;
  w.flags = w.flags.filter((f) => !V6_FLAGS.includes(f));
}

const defaultScope = (local: Address): number => (typeof local === 'number' && local >>> 24 === 127 ? 254 : 0);

function add(ip: Ip, words: readonly string[], mode: 'add' | 'change' | 'replace'): number {
  const w = parse(ip, words);
  if (w.dev === null || w.local === null) requireDevice(ip, w);
  const { local } = w;
  if (!local || local.any) return answer(ip, { errno: 'EOPNOTSUPP' });
  warn(ip, w, local);
  const broadcast = broadcastOf(w, w.peer ?? local);
  const link = requireDevice(ip, w);
  const valid = w.valid ?? FOREVER;
  const preferred = w.preferred ?? FOREVER;
  if (valid < preferred) throw new Exit(1, 'preferred_lft is greater than valid_lft\n');
  if (w.label !== null && w.label.length > NAME_MAX)
    return answer(ip, { errno: 'ERANGE', extack: 'Attribute failed policy validation' });
  const until = (seconds: number): number | null => (seconds === FOREVER ? null : ip.world.now + seconds * 1e6);
  const address: IfAddr = {
    local: local.ip,
    len: (w.peer ?? local).len,
    peer: w.peer && w.peer.ip !== local.ip ? w.peer.ip : null,
    broadcast,
    scope: w.scope ?? defaultScope(local.ip),
    label: w.label ?? link.name,
    flags: w.flags,
    validUntil: until(valid),
    preferredUntil: until(preferred),
    metric: w.metric,
    proto: w.proto,
  };
  const known = link.addrs.find((a) => a.local === address.local && a.len === address.len && a.peer === address.peer);
  if (known && mode !== 'add') {
    Object.assign(known, { validUntil: address.validUntil, preferredUntil: address.preferredUntil });
    // inet6_addr_modify: the flags are those of this request.
    if (typeof known.local === 'bigint')
      known.flags = [...w.flags, ...known.flags.filter((f) => !CONF_FLAGS.includes(f) || f === 'autojoin')];
    notifyAddress(ip.ns, link, known);
    if (known.metric !== address.metric && address.metric) changeMetric(ip, link, known, address.metric);
  } else {
    const error = addAddress(ip.world, ip.ns, link, address);
    if (error) return answer(ip, error);
  }
  if (address.validUntil !== null)
    setTimer(ip.world, address.validUntil - ip.world.now, 'addr-expire', { ns: ip.ns.id, dev: link.ifindex });
  return 0;
}

/** ip_fib: the connected route moves to the new metric. */
function changeMetric(ip: Ip, link: Link, known: IfAddr, metric: number): void {
  const old = known.metric;
  const net = network(known.peer ?? known.local, known.len);
  const family = typeof known.local === 'bigint' ? 6 : 4;
  removeRoutes(
    ip.ns,
    family,
    (r) =>
      r.proto === 2 &&
      r.type === 'unicast' &&
      r.metric === (family === 6 ? old || 256 : old) &&
      r.dst.len === known.len &&
      r.dst.ip === net &&
      r.nexthops[0]?.dev === link.ifindex,
  );
  known.metric = metric;
  if (family === 4) addAddressRoutes(ip.ns, link, known);
  else linkLocalFollows(ip.world, ip.ns, link);
}

onTimer<{ ns: number; dev: number }>('addr-expire', (world, { ns: id, dev }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (!ns || !link) return;
  for (const a of [...link.addrs])
    if (a.validUntil !== null && a.validUntil <= world.now) deleteAddress(world, ns, link, a);
});

function remove(ip: Ip, words: readonly string[]): number {
  const w = parse(ip, words);
  const link = requireDevice(ip, w);
  if (!w.local) return answer(ip, { errno: 'EOPNOTSUPP' });
  let { len } = w.peer ?? w.local;
  const peer = w.peer ? w.peer.ip : null;
  if (!w.peer && w.local.bare && typeof w.local.ip === 'number') {
    const bits = bitsOf(w.local.ip);
    ip.err +=
      `Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the prefix length (${w.localText}/${bits}) to avoid this warning.\n` +
      '         This special behaviour is likely to disappear in further releases,\n         fix your scripts!\n';
    len = link.addrs.find((a) => a.local === w.local?.ip)?.len ?? bits;
  }
  const want = { local: w.local.ip, len, peer };
  return answer(ip, deleteAddress(ip.world, ip.ns, link, w.label === null ? want : { ...want, label: w.label }));
}

/** `ip addr flush`: deletes what the selector finds, primaries before the secondaries that go with them. */
function flushAddresses(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) throw new Exit(1, 'Flush requires arguments.\n');
  const filter = parseSelector(ip, words, false);
  const links = filter.dev === undefined ? linksByIndex(ip.ns) : [deviceToShow(ip, filter.dev)];
  const doomed = links
    .filter((l) => (filter.master === undefined || l.master === filter.master) && (!filter.up || l.up))
    .flatMap((link) => link.addrs.filter((a) => wantsAddress(a, filter)).map((a) => ({ link, a })));
  if (ip.opts.stats > 1) {
    // A dump gives IPv4 first. Each line begins as with -o (print_addrinfo, filter.flushb).
    const p = printerFor(ip);
    for (const v6 of [false, true])
      for (const { link, a } of doomed) {
        if ((typeof a.local === 'bigint') !== v6) continue;
        if (!ip.opts.oneline) p.fp(`${link.ifindex}: ${link.name}`);
        printAddress(ip, p, link, a);
      }
    flush(ip, p);
  }
  const count = doomed.length;
  for (const { link, a } of doomed) if (link.addrs.includes(a)) deleteAddress(ip.world, ip.ns, link, a);
  if (ip.opts.stats && count === 0) ip.out += 'Nothing to flush.\n';
  else if (ip.opts.stats)
    ip.out += `\n*** Round 1, deleting ${count} addresses ***\n*** Flush is complete after 1 round ***\n`;
  return 0;
}

/** `ip address …` */
export function address(ip: Ip, words: readonly string[]): number | Program {
  const [verb, ...rest] = words;
  if (verb === undefined) return showLinks(ip, [], false);
  if (matches(verb, 'add')) return add(ip, rest, 'add');
  if (matches(verb, 'change') || verb === 'chg') return add(ip, rest, 'change');
  if (matches(verb, 'replace')) return add(ip, rest, 'replace');
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return showLinks(ip, rest, false);
  if (matches(verb, 'flush')) return flushAddresses(ip, rest);
  if (matches(verb, 'save')) throw notModelledExit('ip address save');
  if (matches(verb, 'showdump') || matches(verb, 'restore')) return checkDump(1);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.address);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip address help".\n`);
}
