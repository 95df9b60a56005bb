/** `ip link`: ip/iplink.c. */
import { changePort, type PortChange } from '../../linux/link/bridge.ts';
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, deleteLink, type LinkSpec, setLink } from '../../linux/link/ops.ts';
import { loadModuleOf } from '../../linux/link/tunnel-module.ts';
import type { Link } from '../../linux/types.ts';
import { Args, Exit, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { answer, device, type Ip } from './context.ts';
import { USAGE } from './help.ts';
import { afstats, property, xstats } from './link-more.ts';
import { type ParsedLink, parseLinkWords, targetOf } from './link-parse.ts';
import { showLinks } from './link-show.ts';
import { groupId } from './parse.ts';
import { ABSENT_KINDS, linkType, UNMODELLED_KINDS } from './types/index.ts';
import { KIND_USAGE } from './types/usage.ts';

/** Reads what stands after `type KIND`. */
function parseType(ip: Ip, args: Args, parsed: ParsedLink, spec: LinkSpec, old?: Link): void {
  const kind = parsed.type ?? '';
  spec.kind = kind;
  if (UNMODELLED_KINDS.has(kind)) throw notModelledExit(`link type ${kind}`);
  // The kernel has no such kind: what stands after it matters to no one.
  if (ABSENT_KINDS.has(kind)) args.at = args.words.length;
  if (!args.more) return;
  const type = linkType(kind);
  if (type?.parse) type.parse(ip, args, spec, old);
  // A kind without a parser of its own takes whatever stands there.
  else if (type) args.at = args.words.length;
  if (args.more) throw new Exit(1, `Garbage instead of arguments "${args.word} ...". Try "ip link help".\n`);
}

function add(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  const parsed = parseLinkWords(ip, args, spec, true);
  if (parsed.type === undefined) {
    throw new Exit(1, 'Not enough information: "type" argument is required\n');
  }
  parseType(ip, args, parsed, spec);
  if (parsed.badAddress) return answer(ip, { errno: 'EINVAL' });
  if (parsed.noSuchPid) return answer(ip, { errno: 'ESRCH' });
  if (parsed.noSuchNsid) return answer(ip, UNKNOWN_NSID);
  if (parsed.link !== undefined) spec.lower = device(ip, parsed.link).ifindex;
  const ns = parsed.netns ?? ip.ns;
  if (spec.lower !== undefined && ns !== ip.ns) spec.lowerNs = ip.ns;
  if (spec.peer && !spec.peerNs) spec.peerNs = ns === ip.ns ? ns : ip.ns;
  if (spec.kind === 'veth' && !spec.peer) spec.peerNs = ns;
  loadModuleOf(ip.world, ip.host, spec.kind);
  const made = addLink(ip.world, ns, spec);
  if (isNlError(made)) return answer(ip, made);
  if (parsed.change.master) {
    const error = setLink(ip.world, ns, made, { master: parsed.change.master });
    if (error) return answer(ip, error);
  }
  const { noarp, multicastOff, allmulti, promisc } = parsed.change;
  const flags = Object.entries({ noarp, multicastOff, allmulti, promisc }).filter(([, v]) => v !== undefined);
  if (flags.length > 0) {
    const error = setLink(ip.world, ns, made, Object.fromEntries(flags));
    if (error) return answer(ip, error);
  }
  return parsed.change.up ? answer(ip, setLink(ip.world, ns, made, { up: true })) : 0;
}

const UNKNOWN_NSID = { errno: 'EINVAL', extack: 'Unknown network namespace id' };

/** The members of the group that `group N` names, and the words behind it. */
function groupWords(ip: Ip, words: readonly string[]): { members: Link[]; rest: Args } {
  const args = new Args(words);
  const group = groupId(args.next());
  if (group === null) throw invarg('Invalid "group" value\n', args.word);
  args.skip();
  return { members: linksByIndex(ip.ns).filter((l) => l.group === group), rest: args };
}

/** `link set group N …`: the change goes to every member. */
function setGroup(ip: Ip, words: readonly string[]): number {
  const { members, rest } = groupWords(ip, words);
  const parsed = parseLinkWords(ip, rest, { kind: '' });
  if (parsed.dev !== undefined) device(ip, parsed.dev);
  for (const link of members) {
    const error = setLink(ip.world, ip.ns, link, parsed.change);
    if (error) return answer(ip, error);
  }
  return 0;
}

/** `link delete group N`: all of them, or none. */
function removeGroup(ip: Ip, words: readonly string[]): number {
  const { members } = groupWords(ip, words);
  if (members.length === 0) return answer(ip, { errno: 'ENODEV' });
  if (members.some((l) => l.kind === 'loopback' || l.kind === 'phys')) return answer(ip, { errno: 'EPERM' });
  for (const link of members) if (ip.ns.links.has(link.ifindex)) deleteLink(ip.world, ip.ns, link);
  return 0;
}

function set(ip: Ip, words: readonly string[]): number {
  if (words[0] === 'group') return setGroup(ip, words);
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  const parsed = parseLinkWords(ip, args, spec);
  const link = targetOf(ip, parsed);
  const given = args.more;
  if (parsed.type !== undefined) parseType(ip, args, parsed, spec, link);
  const { change } = parsed;
  if (spec.ifindex !== undefined && !change.netns)
    throw new Exit(255, 'index can be used only when creating devices or when moving device to another netns.\n');
  if (parsed.badAddress) return answer(ip, { errno: 'EINVAL' });
  if (parsed.noSuchPid) return answer(ip, { errno: 'ESRCH' });
  if (parsed.noSuchNsid) return answer(ip, UNKNOWN_NSID);
  if (parsed.name !== undefined && parsed.name !== parsed.dev) change.name = parsed.name;
  if (parsed.type === 'bridge_slave') {
    const refused = changePort(ip.ns, link, (spec.data ?? {}) as PortChange);
    if (refused) return answer(ip, refused);
  } else if (parsed.type !== undefined && given) {
    // Without words there is no IFLA_INFO_DATA, and the kernel does not look at the kind.
    if (link.kind !== parsed.type || !linkType(link.kind)?.parse || link.kind === 'veth')
      return answer(ip, { errno: 'EOPNOTSUPP' });
    change.data = spec.data ?? {};
  }
  return answer(ip, setLink(ip.world, ip.ns, link, change));
}

function remove(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  if (words[0] === 'group') return removeGroup(ip, words);
  const parsed = parseLinkWords(ip, args, spec);
  const link: Link = targetOf(ip, parsed);
  return answer(ip, deleteLink(ip.world, ip.ns, link));
}

/** RTM_NEWLINK with NLM_F_REPLACE: what exists is not replaced. */
function replace(ip: Ip, words: readonly string[]): number {
  const parsed = parseLinkWords(ip, new Args(words), { kind: '' });
  const name = parsed.name ?? parsed.dev;
  if (name !== undefined && findLink(ip.ns, name)) return answer(ip, { errno: 'EOPNOTSUPP' });
  return add(ip, words);
}

/** `ip link …` */
export function link(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return showLinks(ip, []);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'set') || matches(verb, 'change')) return set(ip, rest);
  if (matches(verb, 'replace')) return replace(ip, rest);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return showLinks(ip, rest);
  if (matches(verb, 'xstats')) return xstats(ip, rest);
  if (matches(verb, 'afstats')) return afstats(ip, rest);
  if (matches(verb, 'property')) return property(ip, rest);
  if (matches(verb, 'help')) {
    const usage = KIND_USAGE[rest[0] ?? ''];
    if (usage === undefined) throw new Exit(255, USAGE.link);
    ip.out += usage;
    return 0;
  }
  throw new Exit(255, `Command "${verb}" is unknown, try "ip link help".\n`);
}
