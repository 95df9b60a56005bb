/** The words of `ip link add` and `ip link set`: iplink_parse of ip/iplink.c. */

import { kindOf } from '../../linux/link/kinds.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import { type LinkChange, type LinkSpec, validLinkName } from '../../linux/link/ops.ts';
import { isIpTunnel } from '../../linux/link/tunnel.ts';
import type { NetNs } from '../../linux/types.ts';
import {
  type Args,
  duparg,
  duparg2,
  Exit,
  getUnsigned,
  incomplete,
  invarg,
  matches,
  notModelledExit,
  onOff,
} from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { device } from './context.ts';
import { USAGE } from './help.ts';
import { netnsByWord } from './netns.ts';
import { groupId, lladdrBytes, macOfBytes } from './parse.ts';
import { vrfNamed } from './vrf.ts';

export interface ParsedLink {
  /** The device meant, or the new one's name. */
  dev?: string;
  /** Given with `name`. */
  name?: string;
  /** Name of the lower device, looked up by who needs it. */
  link?: string;
  netns?: NetNs;
  type?: string;
  /** The address given has another length than this kind's: the kernel refuses it. */
  badAddress?: boolean;
  /** `link-netnsid` names none. */
  noSuchNsid?: boolean;
  /** The pid given with `netns` is nobody's. */
  noSuchPid?: boolean;
  change: LinkChange;
}

/** Words of a virtual function: each takes a value. */
const VF_WORDS = new Set([
  'mac',
  'vlan',
  'qos',
  'proto',
  'rate',
  'max_tx_rate',
  'min_tx_rate',
  'spoofchk',
  'query_rss',
  'trust',
  'state',
  'node_guid',
  'port_guid',
]);
const OPER_STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
const GEN_MODES = ['eui64', 'none', 'stable_secret', 'random'];

const integer = (word: string, key: string, max = 4294967295): number => {
  const value = getUnsigned(word, max);
  if (value === null) throw invarg(`Invalid "${key}" value\n`, word);
  return value;
};

/** get_integer(): a sign is taken, too, and the value is a C int. */
const signed = (word: string, key: string): number =>
  /^-\d/.test(word) ? -integer(word.slice(1), key) : integer(word, key, 2147483647);

/** parse_on_off() as newer words use it: exit status EINVAL. */
function oneOfOnOff(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new Exit(22, `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`);
}

/** `vf NUM …`: iplink_parse_vf. */
function vfWords(args: Args): void {
  integer(args.next(), 'vf');
  if (!args.words[args.at + 1]) throw incomplete();
  while (VF_WORDS.has(args.words[args.at + 1] ?? '')) {
    args.skip();
    args.next();
  }
}

/** Words that only set and show something. Answers whether it took one. */
function miscWord(args: Args, parsed: ParsedLink, spec: LinkSpec): boolean {
  const { change } = parsed;
  const word = args.word;
  if (matches(word, 'broadcast') || word === 'brd') {
    const bytes = lladdrBytes(args.next());
    const mac = macOfBytes(bytes);
    if (mac === null) parsed.badAddress = true;
    else change.brd = spec.brd = mac;
  } else if (word === 'trailers') onOff('trailers', args.next());
  else if (matches(word, 'dynamic')) change.dynamic = onOff('dynamic', args.next());
  else if (word === 'carrier') change.carrier = oneOfOnOff('carrier', args.next());
  else if (word === 'protodown') change.protodown = oneOfOnOff('protodown', args.next());
  else if (word === 'protodown_reason') {
    if (getUnsigned(args.next(), 31) === null) throw invarg('invalid protodown reason\n', args.word);
    change.protodown = oneOfOnOff('protodown_reason', args.next());
  } else if (word === 'mode') {
    const text = args.next();
    const mode = ['default', 'dormant'].find((m) => matches(text, m));
    if (!mode) throw invarg('Invalid link mode\n', text);
    change.linkMode = mode === 'dormant' ? 'DORMANT' : 'DEFAULT';
  } else if (word === 'state') {
    if (!OPER_STATES.includes(args.next())) throw invarg('Invalid operstate\n', args.word);
  } else if (word === 'addrgenmode') {
    change.addrGenMode = GEN_MODES.indexOf(args.next());
    if (change.addrGenMode < 0) throw invarg('Invalid address generation mode\n', args.word);
  } else if (word === 'gso_max_size' || word === 'gro_max_size') {
    change.offload = { ...change.offload, [word]: integer(args.next(), word) };
  } else if (word === 'gso_max_segs')
    change.offload = { ...change.offload, gso_max_segs: integer(args.next(), word, 65535) };
  else if (matches(word, 'numtxqueues')) spec.txQueues = integer(args.next(), 'numtxqueues');
  else if (matches(word, 'numrxqueues')) spec.rxQueues = integer(args.next(), 'numrxqueues');
  else if (word === 'parentdev') args.next();
  else if (word === 'vf') {
    vfWords(args);
    change.vf = true;
  } else if (['xdp', 'xdpgeneric', 'xdpdrv', 'xdpoffload'].includes(word)) {
    if (args.next() !== 'off' && args.word !== 'none') throw notModelledExit(`ip link ${word}`);
  } else return false;
  return true;
}

/** Words that name another namespace or VRF. Answers whether it took one. */
function elsewhereWord(ip: Ip, args: Args, parsed: ParsedLink): boolean {
  const word = args.word;
  if (matches(word, 'link-netns')) {
    if (!netnsByWord(ip, args.next())) throw invarg('Invalid "link-netns" value\n', args.word);
  } else if (matches(word, 'link-netnsid')) {
    const id = integer(args.next(), 'link-netnsid');
    parsed.noSuchNsid = ![...ip.ns.nsids.values()].includes(id);
  } else if (word === 'vrf') parsed.change.master = vrfNamed(ip, args.next(), 'Not a valid VRF name').ifindex;
  else return false;
  return true;
}

/**
 * Reads words until the end or `type`; fills `spec` (for a new link) and the change (for an old one): iplink_parse.
 * `creating`: for NLM_F_CREATE, which takes one name only.
 */
export function parseLinkWords(ip: Ip, args: Args, spec: LinkSpec, creating = false): ParsedLink {
  const parsed: ParsedLink = { change: {} };
  const { change } = parsed;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'up') change.up = spec.up = true;
    else if (word === 'down') change.up = false;
    else if (word === 'name') {
      const name = args.next();
      if (parsed.name !== undefined) throw duparg('name', name);
      if (!validLinkName(name)) throw invarg('"name" not a valid ifname', name);
      parsed.name = name;
      parsed.dev ??= name;
    } else if (word === 'index') {
      const index = getUnsigned(args.next(), 2147483647);
      if (index === null || index === 0) throw invarg('Invalid "index" value', args.word);
      spec.ifindex = index;
    } else if (matches(word, 'link')) parsed.link = args.next();
    else if (matches(word, 'address')) setAddress(ip, parsed, spec, args.next());
    else if (matches(word, 'txqueuelen') || word === 'qlen' || matches(word, 'txqlen')) {
      if (change.txqlen !== undefined) throw duparg('txqueuelen', args.next());
      change.txqlen = spec.txqlen = signed(args.next(), 'txqueuelen') >>> 0;
    } else if (word === 'mtu') {
      if (change.mtu !== undefined) throw duparg('mtu', args.next());
      change.mtu = spec.mtu = signed(args.next(), 'mtu');
    } else if (word === 'netns') {
      const ns = netnsByWord(ip, args.next());
      if (parsed.netns) throw duparg('netns', args.word);
      if (ns) parsed.netns = change.netns = ns;
      else if (getUnsigned(args.word) !== null) parsed.noSuchPid = true;
      else throw invarg('Invalid "netns" value\n', args.word);
    } else if (word === 'multicast') change.multicastOff = !onOff('multicast', args.next());
    else if (word === 'allmulticast') change.allmulti = onOff('allmulticast', args.next());
    else if (word === 'promisc') change.promisc = onOff('promisc', args.next());
    else if (word === 'arp') change.noarp = !onOff('arp', args.next());
    else if (elsewhereWord(ip, args, parsed) || miscWord(args, parsed, spec)) continue;
    else if (matches(word, 'master')) {
      const master = getLink(ip.world, ip.ns, args.next());
      if (!master) throw invarg('Device does not exist\n', args.word);
      change.master = master.ifindex;
    } else if (matches(word, 'nomaster')) change.master = 0;
    else if (matches(word, 'type')) {
      parsed.type = args.next();
      args.skip();
      break;
    } else if (matches(word, 'alias')) change.alias = args.next();
    else if (word === 'group') {
      const group = groupId(args.next());
      if (group === null) throw invarg('Invalid "group" value\n', args.word);
      change.group = spec.group = group;
    } else {
      if (matches(word, 'help')) throw new Exit(255, USAGE.link);
      const dev = word === 'dev' ? args.next() : word;
      if (parsed.dev !== parsed.name) throw duparg2('dev', dev);
      if (dev === '' || dev.length > 127 || /[/\s]/.test(dev)) throw invarg('"dev" not a valid ifname', dev);
      parsed.dev = dev;
    }
  }
  const name = parsed.name ?? parsed.dev;
  if (creating && parsed.name !== undefined && parsed.dev !== undefined && parsed.name !== parsed.dev)
    throw new Exit(255, 'both "name" and "dev" cannot be used when creating devices.\n');
  if (name !== undefined) spec.name = name;
  if (change.master !== undefined || change.up !== undefined) spec.up = change.up ?? false;
  return parsed;
}

function setAddress(ip: Ip, parsed: ParsedLink, spec: LinkSpec, word: string): void {
  const old = parsed.dev === undefined ? undefined : getLink(ip.world, ip.ns, parsed.dev);
  const bytes = lladdrBytes(word);
  const wanted = old && isIpTunnel(old) ? 4 : 6;
  const bare = old !== undefined && kindOf(old).linkType === 'none';
  if (old && !bare && bytes.length !== wanted)
    throw new Exit(1, `Invalid address length ${bytes.length} - must be ${wanted} bytes\n`);
  if (old && wanted === 4) throw new Exit(2, 'RTNETLINK answers: Operation not supported\n');
  const mac = macOfBytes(bytes);
  if (mac !== null) parsed.change.mac = spec.mac = mac;
  else if (old) throw new Exit(2, 'RTNETLINK answers: Invalid argument\n');
  else parsed.badAddress = true;
}

/** The device a `set` or `delete` works on. */
export function targetOf(ip: Ip, parsed: ParsedLink): ReturnType<typeof device> {
  if (parsed.dev === undefined) throw new Exit(255, 'Not enough information: "dev" argument is required.\n');
  return device(ip, parsed.dev);
}
