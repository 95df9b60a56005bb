/** The words of `ip link add` and `ip link set`: iplink_parse of ip/iplink.c. */
import { findLink } from '../../linux/link/find.ts';
import { kindOf } from '../../linux/link/kinds.ts';
import { type LinkChange, type LinkSpec, validLinkName } from '../../linux/link/ops.ts';
import { isIpTunnel } from '../../linux/link/tunnel.ts';
import type { NetNs } from '../../linux/types.ts';
import {
  type Args,
  duparg,
  duparg2,
  Exit,
  getUnsigned,
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
  change: LinkChange;
}

const UNMODELLED = [
  'xdp',
  'xdpgeneric',
  'xdpdrv',
  'xdpoffload',
  'vf',
  'carrier',
  'mode',
  'state',
  'numtxqueues',
  'numrxqueues',
  'link-netnsid',
  'link-netns',
  'protodown',
  'protodown_reason',
  'gso_max_size',
  'gso_max_segs',
  'gro_max_size',
  'parentdev',
  'trailers',
  'broadcast',
  'brd',
];

const integer = (word: string, key: string, max = 4294967295): number => {
  const value = getUnsigned(word, max);
  if (value === null) throw invarg(`Invalid "${key}" value\n`, word);
  return value;
};

/** Reads words until the end or `type`; fills `spec` (for a new link) and the change (for an old one). */
export function parseLinkWords(ip: Ip, args: Args, spec: LinkSpec, _role: 'link' | 'peer' = 'link'): ParsedLink {
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
    } else if (word === 'index') spec.ifindex = integer(args.next(), 'index');
    else if (matches(word, 'link')) parsed.link = args.next();
    else if (matches(word, 'address')) setAddress(ip, parsed, spec, args.next());
    else if (matches(word, 'txqueuelen') || word === 'qlen' || matches(word, 'txqlen')) {
      if (change.txqlen !== undefined) throw duparg('txqueuelen', args.next());
      change.txqlen = spec.txqlen = integer(args.next(), 'txqueuelen');
    } else if (word === 'mtu') {
      if (change.mtu !== undefined) throw duparg('mtu', args.next());
      change.mtu = spec.mtu = integer(args.next(), 'mtu');
    } else if (word === 'netns') {
      const ns = netnsByWord(ip, args.next());
      if (parsed.netns) throw duparg('netns', args.word);
      if (!ns) throw invarg('Invalid "netns" value\n', args.word);
      parsed.netns = change.netns = ns;
    } else if (word === 'multicast') change.multicastOff = !onOff('multicast', args.next());
    else if (word === 'allmulticast') change.allmulti = onOff('allmulticast', args.next());
    else if (word === 'promisc') change.promisc = onOff('promisc', args.next());
    else if (word === 'arp') change.noarp = !onOff('arp', args.next());
    else if (UNMODELLED.includes(word)) throw notModelledExit(`ip link ${word}`);
    else if (matches(word, 'master')) {
      const master = findLink(ip.ns, args.next());
      if (!master) throw invarg('Device does not exist\n', args.word);
      change.master = master.ifindex;
    } else if (word === 'vrf') change.master = vrfNamed(ip, args.next(), 'Not a valid VRF name').ifindex;
    else if (matches(word, 'nomaster')) change.master = 0;
    else if (matches(word, 'dynamic')) {
      onOff('dynamic', args.next());
      throw notModelledExit('ip link dynamic');
    } else if (matches(word, 'type')) {
      parsed.type = args.next();
      args.skip();
      break;
    } else if (matches(word, 'alias')) change.alias = args.next();
    else if (word === 'group') {
      const group = groupId(args.next());
      if (group === null) throw invarg('Invalid "group" value\n', args.word);
      change.group = spec.group = group;
    } else if (word === 'addrgenmode') {
      args.next();
      throw notModelledExit('ip link addrgenmode');
    } else {
      if (matches(word, 'help')) throw new Exit(255, USAGE.link);
      const dev = word === 'dev' ? args.next() : word;
      if (parsed.dev !== parsed.name) throw duparg2('dev', dev);
      if (dev.length > 127 || /[/\s]/.test(dev)) throw invarg('"dev" not a valid ifname', dev);
      parsed.dev = dev;
    }
  }
  const name = parsed.name ?? parsed.dev;
  if (name !== undefined) spec.name = name;
  if (change.master !== undefined || change.up !== undefined) spec.up = change.up ?? false;
  return parsed;
}

function setAddress(ip: Ip, parsed: ParsedLink, spec: LinkSpec, word: string): void {
  const old = parsed.dev === undefined ? undefined : findLink(ip.ns, parsed.dev);
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
