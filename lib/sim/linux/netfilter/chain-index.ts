/**
 * Long chains indexed by destination address, and by protocol and port where no address is named: a packet looks only at the
 * rules for its own and at those that name neither. First match, positions and counters are those of a plain walk: every rule
 * left out has a `-d` or a `--dport` that cannot fit.
 */
import { bitsOf, type Ip, maskOf } from '../../addr/ip.ts';
import type { Packet } from '../../packet/packet.ts';
import { cacheOf } from './chain-cache.ts';
import type { Netfilter, NfChain, NfRule } from './types.ts';

/** Shorter chains are walked. */
const MIN_RULES = 24;

export interface ChainIndex {
  /** Positions of rules without an exact destination or port, ascending. */
  always: readonly number[];
  byDst: Map<Ip, number[]>;
  /** Key: protocol × 65536 + port. */
  byPort: Map<number, number[]>;
  /** `always` and the rules of one destination together, once asked for. */
  merged: Map<Ip, readonly number[]>;
}

const PORT_MATCH: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };

/** The one destination port of a TCP or UDP rule; null when it takes others too. */
function portKey(rule: NfRule): number | null {
  const { proto } = rule.head;
  if (rule.nft || !proto || proto.not) return null;
  const name = PORT_MATCH[proto.number];
  if (name === undefined) return null;
  for (const m of rule.matches) {
    if (m.name !== name) continue;
    const dport = m.args.dport as { min: number; max: number; not: boolean } | null;
    if (dport && dport.min === dport.max && !dport.not) return proto.number * 65536 + dport.min;
  }
  return null;
}

const FULL = { 32: maskOf(4, 32), 128: maskOf(6, 128) };

function build(chain: NfChain): ChainIndex {
  const always: number[] = [];
  const index: ChainIndex = { always, byDst: new Map(), byPort: new Map(), merged: new Map() };
  const put = <K>(map: Map<K, number[]>, key: K, i: number) => {
    const list = map.get(key);
    if (list) list.push(i);
    else map.set(key, [i]);
  };
  const { rules } = chain;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as NfRule;
    const { dst } = rule.head;
    if (dst && !dst.not && dst.mask === FULL[bitsOf(dst.ip)]) {
      put(index.byDst, dst.ip, i);
      continue;
    }
    const port = portKey(rule);
    if (port === null) always.push(i);
    else put(index.byPort, port, i);
  }
  return index;
}

function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    if (y === undefined || (x !== undefined && x < y)) {
      out.push(x as number);
      i++;
    } else {
      out.push(y);
      j++;
    }
  }
  return out;
}

/** Positions of the rules that may fit a packet, ascending; null means all of them. */
export function candidates(nf: Netfilter, chain: NfChain, packet: Packet): readonly number[] | null {
  const { ip } = packet;
  if (chain.rules.length < MIN_RULES || !ip) return null;
  const cache = cacheOf(nf, chain);
  const index = (cache.index ??= build(chain));
  let list = index.merged.get(ip.dst);
  if (list === undefined) {
    const own = index.byDst.get(ip.dst);
    list = own ? merge(index.always, own) : index.always;
    // Only as many as there are rules: packets to other addresses leave nothing behind.
    if (own) index.merged.set(ip.dst, list);
  }
  if (index.byPort.size === 0) return list;
  const ports = packet.tcp ?? packet.udp;
  const mine = ports && index.byPort.get(ip.proto * 65536 + ports.dport);
  return mine ? merge(list, mine) : list;
}
