/**
 * Every match by name. Those that control loops write (kube-proxy, flanneld, CNI plugins) stand here; the others come with
 * the programs, from rare.ts: a prompt does not wait for them. A new one is a file here and a line in one of the two.
 */
import type { MatchExt } from '../ext.ts';
import { addrtype } from './addrtype.ts';
import { comment } from './comment.ts';
import { conntrack } from './conntrack.ts';
import { mark } from './mark.ts';
import { multiport } from './multiport.ts';
import { recent } from './recent.ts';
import { statistic } from './statistic.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';

const matches = new Map<string, MatchExt>(
  [addrtype, comment, conntrack, mark, multiport, recent, statistic, tcp, udp].map((def) => [def.name, def]),
);

export const MATCHES: ReadonlyMap<string, MatchExt> = matches;

/** Adds matches: see rare.ts. */
export function addMatches(more: readonly MatchExt[]): void {
  for (const def of more) matches.set(def.name, def);
}

/** Matches that exist in iptables 1.8.9 and are not modelled. */
export const MATCHES_NOT_MODELLED: ReadonlySet<string> = new Set(
  'ah bpf cluster connlabel devgroup esp ipcomp nfacct osf policy rateest srh rt mh hbh frag eui64 dst ipv6header'.split(
    ' ',
  ),
);
