/** Per-device sysctls as the packet path reads them: IN_DEV_CONF_GET, IN_DEV_ORCONF, IN_DEV_MAXCONF. */
import { CONF } from '../derived.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';

type Conf =
  | 'forwarding'
  | 'rp_filter'
  | 'route_localnet'
  | 'proxy_arp'
  | 'proxy_ndp'
  | 'arp_ignore'
  | 'arp_announce'
  | 'arp_filter'
  | 'accept_local'
  | 'log_martians'
  | 'send_redirects'
  | 'src_valid_mark'
  | 'accept_redirects'
  | 'disable_ipv6'
  | 'arp_accept'
  | 'drop_gratuitous_arp'
  | 'drop_unicast_in_l2_multicast';

/** Keys by device name, so that no packet builds strings. Bounded: names are few. */
const keys = new Map<string, Map<string, string>>();

function key(family: 4 | 6, dev: string, conf: Conf): string {
  const name = family === 4 ? dev : `6 ${dev}`;
  let known = keys.get(name);
  if (!known) {
    if (keys.size > 4000) keys.clear();
    known = new Map();
    keys.set(name, known);
  }
  let text = known.get(conf);
  if (!text) {
    text = `net.ipv${family}.conf.${dev}.${conf}`;
    known.set(conf, text);
  }
  return text;
}

/** What every received IPv4 packet asks of its device: all of it at once, kept until a sysctl changes. */
export interface InputConf {
  ns: number;
  version: number;
  name: string;
  forwarding: boolean;
  rpFilter: number;
  routeLocalnet: boolean;
  acceptLocal: boolean;
  srcValidMark: boolean;
}

export function inputConf(ns: NetNs, link: Link): InputConf {
  const known = link[CONF];
  if (known !== undefined && known.version === ns.sysctl.version && known.name === link.name && known.ns === ns.id)
    return known;
  return (link[CONF] = {
    ns: ns.id,
    version: ns.sysctl.version,
    name: link.name,
    forwarding: devConf(ns, link, 'forwarding') !== 0,
    rpFilter: maxConf(ns, link, 'rp_filter'),
    routeLocalnet: orConf(ns, link, 'route_localnet'),
    acceptLocal: orConf(ns, link, 'accept_local'),
    srcValidMark: orConf(ns, link, 'src_valid_mark'),
  });
}

/** The device's own value. */
export const devConf = (ns: NetNs, link: Link, conf: Conf, family: 4 | 6 = 4): number =>
  sysctlNum(ns, key(family, link.name, conf));

/** The value of `all`. */
export const allConf = (ns: NetNs, conf: Conf, family: 4 | 6 = 4): number => sysctlNum(ns, key(family, 'all', conf));

/** On when either the device's or `all`'s is. */
export const orConf = (ns: NetNs, link: Link, conf: Conf): boolean =>
  devConf(ns, link, conf) !== 0 || allConf(ns, conf) !== 0;

/** The greater of the device's and `all`'s. */
export const maxConf = (ns: NetNs, link: Link, conf: Conf): number =>
  Math.max(devConf(ns, link, conf), allConf(ns, conf));
