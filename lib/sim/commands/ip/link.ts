/** `ip link`: ip/iplink.c. */
import { findLink } from '../../linux/link/find.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, deleteLink, type LinkSpec, setLink } from '../../linux/link/ops.ts';
import { loadModuleOf } from '../../linux/link/tunnel-module.ts';
import type { Link } from '../../linux/types.ts';
import { Args, Exit, matches, notModelledExit } from '../../text/iproute.ts';
import { answer, device, type Ip } from './context.ts';
import { USAGE } from './help.ts';
import { type ParsedLink, parseLinkWords, targetOf } from './link-parse.ts';
import { showLinks } from './link-show.ts';
import { KNOWN_KINDS, linkType } from './types/index.ts';
import { KIND_USAGE } from './types/usage.ts';

/** Reads what stands after `type KIND`. */
function parseType(ip: Ip, args: Args, parsed: ParsedLink, spec: LinkSpec, old?: Link): void {
  const kind = parsed.type ?? '';
  spec.kind = kind;
  if (KNOWN_KINDS.has(kind)) throw notModelledExit(`link type ${kind}`);
  if (!args.more) return;
  const type = linkType(kind);
  if (type?.parse) type.parse(ip, args, spec, old);
  if (args.more) throw new Exit(255, `Garbage instead of arguments "${args.word} ...". Try "ip link help".\n`);
}

function add(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  const parsed = parseLinkWords(ip, args, spec);
  if (parsed.type === undefined) {
    throw new Exit(1, 'Not enough information: "type" argument is required\n');
  }
  parseType(ip, args, parsed, spec);
  if (parsed.badAddress) return answer(ip, { errno: 'EINVAL' });
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
  return parsed.change.up ? answer(ip, setLink(ip.world, ns, made, { up: true })) : 0;
}

function set(ip: Ip, words: readonly string[]): number {
  if (words[0] === 'group') throw notModelledExit('ip link set group');
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  const parsed = parseLinkWords(ip, args, spec);
  const link = targetOf(ip, parsed);
  if (parsed.type !== undefined) parseType(ip, args, parsed, spec, link);
  const { change } = parsed;
  if (parsed.name !== undefined && parsed.name !== parsed.dev) change.name = parsed.name;
  if (parsed.type === 'bridge_slave') {
    if (!link.port) return answer(ip, { errno: 'EINVAL' });
    Object.assign(link.port, spec.data);
  } else if (parsed.type !== undefined) {
    if (link.kind !== parsed.type) return answer(ip, { errno: 'EOPNOTSUPP' });
    change.data = spec.data ?? {};
  }
  return answer(ip, setLink(ip.world, ip.ns, link, change));
}

function remove(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  const spec: LinkSpec = { kind: '' };
  if (words[0] === 'group') throw notModelledExit('ip link delete group');
  const parsed = parseLinkWords(ip, args, spec);
  const link: Link = targetOf(ip, parsed);
  return answer(ip, deleteLink(ip.world, ip.ns, link));
}

function property(ip: Ip, words: readonly string[]): number {
  const [verb = '', ...rest] = words;
  const adding = matches(verb, 'add');
  if (!adding && !matches(verb, 'delete')) throw new Exit(255, `Operator required\n`);
  const names: string[] = [];
  let dev: string | undefined;
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === 'dev') dev = rest[++i];
    else if (rest[i] !== 'altname') names.push(rest[i] as string);
  }
  if (dev === undefined) throw new Exit(255, 'Not enough information: "dev" argument is required.\n');
  const link = device(ip, dev);
  for (const name of names) {
    if (adding && findLink(ip.ns, name)) return answer(ip, { errno: 'EEXIST' });
    if (adding) link.altnames.push(name);
    else if (!link.altnames.includes(name)) return answer(ip, { errno: 'ENOENT' });
    else link.altnames = link.altnames.filter((n) => n !== name);
  }
  return 0;
}

/** `ip link …` */
export function link(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return showLinks(ip, []);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'set') || matches(verb, 'change')) return set(ip, rest);
  if (matches(verb, 'replace')) throw notModelledExit('ip link replace');
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return showLinks(ip, rest);
  if (matches(verb, 'xstats')) throw notModelledExit('ip link xstats');
  if (matches(verb, 'afstats')) throw notModelledExit('ip link afstats');
  if (matches(verb, 'property')) return property(ip, rest);
  if (matches(verb, 'help')) {
    const usage = KIND_USAGE[rest[0] ?? ''];
    if (usage === undefined) throw new Exit(255, USAGE.link);
    ip.out += usage;
    return 0;
  }
  throw new Exit(255, `Command "${verb}" is unknown, try "ip link help".\n`);
}
