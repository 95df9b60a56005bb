/** `ip link property`, `xstats` and `afstats`: iplink_prop, iplink_xstats and iplink_afstats of ip/iplink*.c. */
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import type { BridgeData } from '../../linux/types.ts';
import { Args, duparg2, Exit, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { answer, device, type Ip } from './context.ts';
import { USAGE } from './help.ts';
import { linkType } from './types/index.ts';

/** `link property add|del`: alternative names. */
export function property(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined || matches(verb, 'help')) throw new Exit(255, USAGE.link);
  const adding = matches(verb, 'add');
  if (!adding && !matches(verb, 'delete')) throw new Exit(255, `Operator required\n`);
  const names: string[] = [];
  let dev: string | undefined;
  const args = new Args(rest);
  for (; args.more; args.skip()) {
    if (args.word === 'altname') {
      const name = args.next();
      if (name === '' || name.length > 127 || /[/\s]/.test(name)) throw invarg('not a valid altname', name);
      names.push(name);
    } else {
      const word = args.word === 'dev' ? args.next() : args.word;
      if (dev !== undefined) throw duparg2('dev', word);
      dev = word;
    }
  }
  if (dev === undefined) throw new Exit(255, 'Not enough of information: "dev" argument is required.\n');
  const link = device(ip, dev);
  for (const name of names) {
    if (adding && findLink(ip.ns, name)) return answer(ip, { errno: 'EEXIST' });
    if (adding) link.altnames.push(name);
    else if (!link.altnames.includes(name)) {
      // netdev_name_node_alt_destroy: a device's first name, or another device's.
      return answer(ip, { errno: findLink(ip.ns, name) ? 'EINVAL' : 'ENOENT' });
    } else link.altnames = link.altnames.filter((n) => n !== name);
  }
  return 0;
}

/** IGMP and MLD counters that a bridge keeps when `mcast_stats_enabled` is set: all of them at zero here. */
const BRIDGE_XSTATS = `                    IGMP queries:
                      RX: v1 0 v2 0 v3 0
                      TX: v1 0 v2 0 v3 0
                    IGMP reports:
                      RX: v1 0 v2 0 v3 0
                      TX: v1 0 v2 0 v3 0
                    IGMP leaves: RX: 0 TX: 0
                    IGMP parse errors: 0
                    MLD queries:
                      RX: v1 0 v2 0
                      TX: v1 0 v2 0
                    MLD reports:
                      RX: v1 0 v2 0
                      TX: v1 0 v2 0
                    MLD leaves: RX: 0 TX: 0
                    MLD parse errors: 0
`;

/** `link xstats type KIND`: bridges have some. */
export function xstats(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) throw new Exit(1, 'xstats: missing argument\n');
  const args = new Args(words);
  if (words[0] !== 'type') throw invarg('unknown option', words[0] ?? '');
  const kind = args.next();
  if (!linkType(kind)) throw invarg('invalid type', kind);
  if (kind !== 'bridge') throw notModelledExit(`ip link xstats type ${kind}`);
  args.skip();
  const dev = args.word === 'dev' ? device(ip, args.next()) : null;
  if (ip.opts.json) throw notModelledExit('ip -json link xstats');
  for (const link of linksByIndex(ip.ns)) {
    if (link.kind !== 'bridge' || (dev && link !== dev)) continue;
    if ((link.data as BridgeData).opts.mcast_stats_enabled) throw notModelledExit('ip link xstats');
    ip.out += `${link.name.padEnd(16)}\n${BRIDGE_XSTATS}`;
  }
  return 0;
}

/** `link afstats`: only MPLS has some, and none is here. */
export function afstats(ip: Ip, words: readonly string[]): number {
  const dev = words[0] === 'dev' ? (words[1] ?? '') : null;
  if (dev !== null && !findLink(ip.ns, dev)) ip.err += `Device "${dev}" does not exist.\n`;
  return 0;
}
