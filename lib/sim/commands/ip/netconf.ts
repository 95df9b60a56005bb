/** `ip netconf`: ip/ipnetconf.c, the settings that RTM_GETNETCONF tells of. */
import { linksByIndex } from '../../linux/link/find.ts';
import { sysctlNum } from '../../linux/sysctl/sysctl.ts';
import { Args, Exit, matches, type Printer } from '../../text/iproute.ts';
import { deviceToShow, flush, type Ip, printerFor } from './context.ts';
import { MORE_USAGE } from './usage-more.ts';

const RP_FILTER = ['off', 'strict', 'loose'];

/** One device's settings (or those of `all` and `default`) for a family. */
export function printNetconf(ip: Ip, p: Printer, name: string, family: 4 | 6): void {
  const { ns } = ip;
  const value = (leaf: string) => sysctlNum(ns, `net.ipv${family}.conf.${name}.${leaf}`) !== 0;
  const onOff = (key: string, on: boolean) => p.any(key, on, `${key} ${on ? 'on' : 'off'} `);
  p.open();
  const inet = family === 4 ? 'inet' : 'inet6';
  p.any('family', inet, `${inet} `);
  p.any('interface', name, `${name} `, 'ifname');
  onOff('forwarding', value('forwarding'));
  if (family === 4) {
    const mode = RP_FILTER[sysctlNum(ns, `net.ipv4.conf.${name}.rp_filter`)] ?? 'unknown';
    p.any('rp_filter', mode, `rp_filter ${mode} `);
  }
  onOff('mc_forwarding', value('mc_forwarding'));
  onOff('proxy_neigh', value(family === 4 ? 'proxy_arp' : 'proxy_ndp'));
  onOff('ignore_routes_with_linkdown', value('ignore_routes_with_linkdown'));
  p.fp('\n');
  p.close();
}

/** One setting that has changed: what RTM_NEWNETCONF carries then. */
export function printNetconfKey(ip: Ip, p: Printer, name: string, family: 4 | 6, key: string): void {
  const n = sysctlNum(ip.ns, `net.ipv${family}.conf.${name}.${key}`);
  const shown = key === 'proxy_arp' || key === 'proxy_ndp' ? 'proxy_neigh' : key;
  const text = key === 'rp_filter' ? (RP_FILTER[n] ?? 'unknown') : n ? 'on' : 'off';
  p.fp(`${family === 4 ? 'inet' : 'inet6'} `);
  p.any('interface', name, `${name} `, 'ifname');
  p.fp(`${shown} ${text} \n`);
}

function show(ip: Ip, words: readonly string[]): number {
  let dev: string | null = null;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word !== 'dev') continue;
    dev = deviceToShow(ip, args.next()).name;
  }
  const p = printerFor(ip);
  const names = dev === null ? [...linksByIndex(ip.ns).map((l) => l.name), 'all', 'default'] : [dev];
  for (const family of [4, 6] as const) {
    if (ip.opts.family !== 0 && ip.opts.family !== family) continue;
    for (const name of names) printNetconf(ip, p, name, family);
  }
  flush(ip, p);
  return 0;
}

/** `ip netconf …` */
export function netconf(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, []);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, MORE_USAGE.netconf);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip netconf help".\n`);
}
