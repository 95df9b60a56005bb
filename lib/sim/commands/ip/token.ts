/** `ip token`: ip/iptoken.c. No router announces prefixes here, so a token is kept and shown. */
import { formatIp } from '../../addr/ip.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import { kindOf } from '../../linux/link/kinds.ts';
import type { Link } from '../../linux/types.ts';
import { Args, duparg2, Exit, matches, type Printer } from '../../text/iproute.ts';
import { answer, device, flush, type Ip, printerFor } from './context.ts';
import { getPrefix } from './parse.ts';
import { MORE_USAGE } from './usage-more.ts';

/** Devices that have one: those that take part in autoconfiguration. */
const takesPart = (link: Link): boolean => kindOf(link).linkType === 'ether' && !link.noarp;

function print(p: Printer, link: Link): void {
  p.open();
  const token = formatIp(link.token ?? 0n);
  p.any('token', token, `token ${token} `);
  p.any('ifname', link.name, `dev ${link.name}\n`);
  p.close();
}

function show(ip: Ip, words: readonly string[], one: boolean): number {
  const args = new Args(words);
  let dev: Link | null = null;
  for (; args.more; args.skip()) {
    if (args.word !== 'dev') continue;
    dev = device(ip, args.next());
  }
  if (one && !dev) throw new Exit(255, MORE_USAGE.token);
  const p = printerFor(ip);
  for (const link of linksByIndex(ip.ns)) if (takesPart(link) && (!dev || link === dev)) print(p, link);
  flush(ip, p);
  return 0;
}

function set(ip: Ip, words: readonly string[]): number {
  let token: ReturnType<typeof getPrefix> | null = null;
  let dev: Link | null = null;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = device(ip, args.next());
    else {
      if (matches(args.word, 'help')) throw new Exit(255, MORE_USAGE.token);
      if (token) throw duparg2('token', args.word);
      token = getPrefix(args.word, 6);
    }
  }
  if (!token) throw new Exit(255, 'Not enough information: token is required.\n');
  if (!dev) throw new Exit(255, 'Not enough information: "dev" argument is required.\n');
  if (!takesPart(dev)) return answer(ip, { errno: 'EINVAL', extack: 'Device is loopback' });
  dev.token = token.ip;
  return 0;
}

/** `ip token …` */
export function token(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, [], false);
  if (matches(verb, 'list') || matches(verb, 'lst') || matches(verb, 'show')) return show(ip, rest, false);
  if (matches(verb, 'set') || matches(verb, 'add')) return set(ip, rest);
  if (matches(verb, 'delete')) return set(ip, ['::', ...rest]);
  if (matches(verb, 'get')) return show(ip, rest, true);
  if (matches(verb, 'help')) throw new Exit(255, MORE_USAGE.token);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip token help".\n`);
}
