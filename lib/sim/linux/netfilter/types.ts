/** Netfilter's and conntrack's state in one namespace, as plain data. Source: include/uapi/linux/netfilter*.h. */
import type { Ip } from '../../addr/ip.ts';
import type { ChainDerived, NfDerived, TableDerived } from '../derived.ts';
import type { NftFlowtable, NftObject, NftSet, NftStmt } from './nft/types.ts';
import type { Texted } from './texts.ts';

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING' | 'INGRESS' | 'EGRESS';
export type Family = 'ip' | 'ip6' | 'arp' | 'bridge' | 'inet' | 'netdev';

/**
 * One match of a rule: the extension's name and its parsed arguments. Each kind stands in `match/<name>.ts`,
 * which parses, prints and applies it.
 */
export interface MatchSpec extends Texted {
  name: string;
  args: Record<string, unknown>;
}

export interface TargetSpec extends Texted {
  /** Extension (`DNAT`, `MASQUERADE`, `ACCEPT`, `RETURN` …) or `jump`/`goto` for a user chain. */
  name: string;
  /** Chain of a jump or goto. */
  chain?: string;
  args: Record<string, unknown>;
}

/** The rule's own header part: struct ipt_ip. */
export interface RuleHead {
  src: { ip: Ip; mask: Ip; not: boolean } | null;
  dst: { ip: Ip; mask: Ip; not: boolean } | null;
  iif: { name: string; not: boolean } | null;
  oif: { name: string; not: boolean } | null;
  proto: { number: number; not: boolean } | null;
  /** -f: 1 second and further fragments, -1 negated, 0 not asked. */
  frag: number;
}

export interface NfRule {
  handle: number;
  head: RuleHead;
  matches: MatchSpec[];
  target: TargetSpec | null;
  /** A rule that `nft` made: its statements decide, and the fields above are how iptables shows them. */
  nft?: NftStmt[];
  /** Such a rule's text without counters, for traces. */
  text?: string;
  comment?: string;
  /** Of a rule that nft made: what iptables-nft complains of when it reads it. */
  unread?: string[];
  packets: number;
  bytes: number;
}

export interface NfChain extends ChainDerived {
  name: string;
  /** Base chains: where they hook in; user chains have neither hook nor policy. */
  hook: Hook | null;
  priority: number;
  policy: 'ACCEPT' | 'DROP' | null;
  rules: NfRule[];
  packets: number;
  bytes: number;
  handle: number;
  /** Whether the base chain counts what its policy decides: nf_tables does so once -P, -Z or a restore set counters. */
  counting?: boolean;
  /** Type of a base chain that `nft` made; iptables' follow from the table's name. */
  type?: 'filter' | 'nat' | 'route';
  comment?: string;
  /** Devices of an ingress or egress hook. */
  devices?: string[];
}

export interface NfTable extends TableDerived {
  family: Family;
  name: string;
  /** In order of creation. */
  chains: Map<string, NfChain>;
  handle: number;
  /** Which front end made it, as `nft` and iptables-legacy tell them apart. */
  owner: 'nft' | 'iptables';
  /** Named sets and maps, in order of creation. */
  sets?: Map<string, NftSet>;
  /** Counters, quotas and the like, by `TYPE NAME`. */
  objects?: Map<string, NftObject>;
  flowtables?: Map<string, NftFlowtable>;
  /** Its chains are out of use. */
  dormant?: boolean;
  comment?: string;
  /** The next handle of what stands in the table. */
  nextHandle?: number;
}

export interface Netfilter extends NfDerived {
  /** Key `${family} ${table}`, in order of creation. */
  tables: Map<string, NfTable>;
  nextHandle: number;
  /** Grows with every change of the rules; derived indexes are kept for one generation. */
  generation?: number;
  /** A transaction was taken back because jumps led where they may not: until one succeeds, new tables are looked at from the start. */
  validating?: boolean;
  /** Transactions carried out, as `nft monitor` counts them. */
  committed?: number;
}

export interface CtTuple {
  src: Ip;
  dst: Ip;
  proto: number;
  /** Ports, or ICMP id in both. */
  sport: number;
  dport: number;
  /** ICMP type and code. */
  type?: number;
  code?: number;
}

export interface CtEntry {
  /** Lost a race for its original tuple: only its reply tuple is known, and it is not listed. */
  clash?: boolean;
  id: number;
  orig: CtTuple;
  reply: CtTuple;
  /** State of the protocol: TCP's SYN_SENT …, SCTP's COOKIE_WAIT …; empty for others. */
  tcpState: string;
  status: {
    seenReply: boolean;
    assured: boolean;
    confirmed: boolean;
    srcNat: boolean;
    dstNat: boolean;
    dying: boolean;
    srcNatDone: boolean;
    dstNatDone: boolean;
  };
  mark: number;
  zone: number;
  /** Made while nf_conntrack_acct was on: it shows its counters. */
  acct?: boolean;
  /** Made while nf_conntrack_timestamp was on: it shows its age. */
  stamped?: boolean;
  /** Virtual time of the first packet, microseconds. */
  started?: number;
  /** Virtual time at which it expires, microseconds. */
  expires: number;
  packets: [number, number];
  bytes: [number, number];
  /** Master connection's id for RELATED ones. */
  master: number;
}

export interface Conntrack {
  entries: Map<number, CtEntry>;
  /** Hash of a tuple → entry ids, both directions; a negative id is a reply's. */
  index: Map<number, number | number[]>;
  nextId: number;
  max: number;
  /** `conntrack -S` counters. */
  stats: Record<string, number>;
}
