/** The IP sets of kube-proxy's IPVS mode. Source: kubernetes/kubernetes pkg/proxy/ipvs/{ipset,proxier}.go of 1.34. */
import { createSet } from '../../../commands/ipset/create.ts';
import type { World } from '../../../kernel/world.ts';
import { elementText, IpsetError, parseElements } from '../../../linux/ipset/element.ts';
import { addElement, delElement } from '../../../linux/ipset/store.ts';
import { type IpSet, isBitmap, setsOf } from '../../../linux/ipset/types.ts';
import type { NetNs } from '../../../linux/types.ts';
import type { ProxyFamily } from '../mode.ts';

interface SetInfo {
  type: 'hash:ip' | 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'bitmap:port';
  /** What the rules that match it are commented with. */
  comment: string;
}

const info = (type: SetInfo['type'], comment: string): SetInfo => ({ type, comment: `Kubernetes ${comment}` });

/** Every set, by its IPv4 name, in the order of ipsetInfo. */
export const SETS = {
  'KUBE-LOOP-BACK': info('hash:ip,port,ip', 'endpoints dst ip:port, source ip for solving hairpin purpose'),
  'KUBE-CLUSTER-IP': info('hash:ip,port', 'service cluster ip + port for masquerade purpose'),
  'KUBE-EXTERNAL-IP': info('hash:ip,port', 'service external ip + port for masquerade and filter purpose'),
  'KUBE-EXTERNAL-IP-LOCAL': info('hash:ip,port', 'service external ip + port with externalTrafficPolicy=local'),
  'KUBE-LOAD-BALANCER': info('hash:ip,port', 'service lb portal'),
  'KUBE-LOAD-BALANCER-FW': info('hash:ip,port', 'service load balancer ip + port for load balancer with sourceRange'),
  'KUBE-LOAD-BALANCER-LOCAL': info('hash:ip,port', 'service load balancer ip + port with externalTrafficPolicy=local'),
  'KUBE-LOAD-BALANCER-SOURCE-IP': info(
    'hash:ip,port,ip',
    'service load balancer ip + port + source IP for packet filter purpose',
  ),
  'KUBE-LOAD-BALANCER-SOURCE-CIDR': info(
    'hash:ip,port,net',
    'service load balancer ip + port + source cidr for packet filter purpose',
  ),
  'KUBE-NODE-PORT-TCP': info('bitmap:port', 'nodeport TCP port for masquerade purpose'),
  'KUBE-NODE-PORT-LOCAL-TCP': info('bitmap:port', 'nodeport TCP port with externalTrafficPolicy=local'),
  'KUBE-NODE-PORT-UDP': info('bitmap:port', 'nodeport UDP port for masquerade purpose'),
  'KUBE-NODE-PORT-LOCAL-UDP': info('bitmap:port', 'nodeport UDP port with externalTrafficPolicy=local'),
  'KUBE-NODE-PORT-SCTP-HASH': info(
    'hash:ip,port',
    "nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
  ),
  'KUBE-NODE-PORT-LOCAL-SCTP-HASH': info(
    'hash:ip,port',
    "nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ),
  'KUBE-HEALTH-CHECK-NODE-PORT': info('bitmap:port', 'health check node port'),
  'KUBE-IPVS-IPS': { type: 'hash:ip', comment: 'Addresses on the ipvs interface' },
} satisfies Record<string, SetInfo>;

export type SetName = keyof typeof SETS;
export const SET_NAMES = Object.keys(SETS) as SetName[];

/** What each set is to hold, as `ipset add` is given it. */
export type Entries = Record<SetName, Set<string>>;

export const noEntries = (): Entries =>
  Object.fromEntries(SET_NAMES.map((name) => [name, new Set<string>()])) as Entries;

/** ipset's bound on names. */
const MAX_NAME = 31;

const name6 = (name: SetName): string => name.replace('KUBE-', 'KUBE-6-');

/** A set's name in a family: both families' sets stand side by side. */
export const setName = (name: SetName, family: ProxyFamily): string =>
  family === 'ip' ? name : name6(name).slice(0, MAX_NAME);

/** IPv6's names that are too long, each with what is left of it. */
export const truncatedNames = (): [name: string, cut: string][] =>
  SET_NAMES.filter((name) => name6(name).length > MAX_NAME).map((name) => [name6(name), setName(name, 'ip6')]);

/** Makes the sets that are missing. False when one of another type stands in the way. */
export function ensureSets(world: World, ns: NetNs, family: ProxyFamily): boolean {
  for (const name of SET_NAMES) {
    const { type } = SETS[name];
    const known = setsOf(ns).get(setName(name, family));
    if (known) {
      if (known.type !== type || (!isBitmap(known) && known.family !== (family === 'ip' ? 4 : 6))) return false;
      continue;
    }
    const options =
      type === 'bitmap:port'
        ? ['range', '0-65535']
        : ['family', family === 'ip' ? 'inet' : 'inet6', 'hashsize', '1024', 'maxelem', '65536'];
    createSet(world, ns, [setName(name, family), type, ...options], true);
  }
  return true;
}

/** Takes out of the sets what does not belong there and adds what is missing; what ipset refuses is left out. */
export function syncEntries(world: World, ns: NetNs, family: ProxyFamily, wanted: Entries): void {
  for (const name of SET_NAMES) {
    const set = setsOf(ns).get(setName(name, family));
    if (!set) continue;
    const held = new Set([...set.entries.values()].map((entry) => elementText(set, entry.parts)));
    const surplus = [...held].filter((text) => !wanted[name].has(text)).sort();
    for (const text of surplus) tryEach(set, text, (parts) => delElement(world, ns, set, parts, false));
    const missing = [...wanted[name]].filter((text) => !held.has(text)).sort();
    for (const text of missing) {
      tryEach(set, text, (parts) =>
        addElement(world, ns, set, parts, {
          exist: true,
          nomatch: false,
          timeout: null,
          packets: 0,
          bytes: 0,
          comment: null,
        }),
      );
    }
  }
}

function tryEach(set: IpSet, text: string, change: (parts: ReturnType<typeof parseElements>[number]) => void): void {
  try {
    for (const parts of parseElements(set, text)) change(parts);
  } catch (error) {
    if (!(error instanceof IpsetError)) throw error;
  }
}
