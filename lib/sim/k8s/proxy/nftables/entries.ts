/**
 * What kube-proxy believes to stand in its sets and maps: of the elements only what differs is written. Source: kubernetes/kubernetes
 * pkg/proxy/nftables/proxier.go (nftElementStorage).
 */
import { parseIp } from '../../../addr/ip.ts';
import type { NftTransaction } from '../../../linux/netfilter/nft/transaction.ts';
import type { NftElem, NftRange, NftVerdict } from '../../../linux/netfilter/nft/types.ts';
import type { ServicePort } from '../service-ports.ts';
import type { Entry } from './services.ts';
import { CONTAINERS, type Container } from './table.ts';
import { PROTOCOL } from './words.ts';

interface Known {
  verdict: string;
  /** How many ports of Services want an element with this key: two can name the same external address. */
  wanted: number;
}

export interface EntryMemory {
  /** By set or map, then by key. */
  known: Record<Container, Map<string, Known>>;
  /** Elements that several ports want, or wanted, to lead elsewhere, since they were settled last. */
  contested: Set<string>;
}

export const newEntries = (): EntryMemory => ({
  known: Object.fromEntries(CONTAINERS.map((name) => [name, new Map<string, Known>()])) as EntryMemory['known'],
  contested: new Set(),
});

/** The element's place, in one text. */
export const entryKey = (entry: Entry): string => `${entry.in} ${entry.key}`;

function rangeOf(part: string): NftRange {
  const v = PROTOCOL[part as ServicePort['protocol']] ?? (/^\d+$/.test(part) ? Number(part) : parseIp(part)) ?? 0;
  return { lo: v, hi: v };
}

function verdictOf(text: string): NftVerdict {
  const [code, chain] = text.split(' ') as [NftVerdict['code'], string | undefined];
  return chain === undefined ? { code } : { code, chain };
}

const keyOf = (key: string): NftElem => ({ key: key.split(' . ').map(rangeOf) });

function elementOf({ key, verdict, comment }: Entry): NftElem {
  const elem = keyOf(key);
  if (verdict !== '') elem.data = verdictOf(verdict);
  if (comment !== undefined) elem.comment = comment;
  return elem;
}

/** Empties all of them. */
export function resetEntries(tx: NftTransaction, memory: EntryMemory): void {
  memory.contested.clear();
  for (const name of CONTAINERS) {
    memory.known[name].clear();
    tx.flushSet(name);
  }
}

/** One port less wants an element. It stands there until {@link dropUnwanted}: another may want it still. */
export function releaseEntry(memory: EntryMemory, { in: where, key }: Entry): void {
  const known = memory.known[where].get(key);
  if (known) known.wanted--;
}

/** One port more wants an element: sees to it that it stands there with its verdict. */
export function ensureEntry(tx: NftTransaction, memory: EntryMemory, entry: Entry): void {
  const known = memory.known[entry.in].get(entry.key);
  if (!known) {
    tx.addElement(entry.in, elementOf(entry));
    memory.known[entry.in].set(entry.key, { verdict: entry.verdict, wanted: 1 });
    return;
  }
  known.wanted++;
  if (known.wanted > 1 && known.verdict !== entry.verdict) memory.contested.add(entryKey(entry));
  turnEntry(tx, memory, entry);
}

/** Has an element that stands there lead where this entry says. */
export function turnEntry(tx: NftTransaction, memory: EntryMemory, entry: Entry): void {
  const known = memory.known[entry.in].get(entry.key);
  if (!known || known.verdict === entry.verdict) return;
  tx.deleteElement(entry.in, keyOf(entry.key));
  tx.addElement(entry.in, elementOf(entry));
  known.verdict = entry.verdict;
}

/** Takes out an element that was released, unless another port wants it. */
export function dropUnwanted(tx: NftTransaction, memory: EntryMemory, entry: Entry): void {
  const { in: where, key, verdict } = entry;
  const known = memory.known[where].get(key);
  if (!known) return;
  if (known.wanted > 0) {
    if (verdict !== '') memory.contested.add(entryKey(entry));
    return;
  }
  tx.deleteElement(where, keyOf(key));
  memory.known[where].delete(key);
}

/** The contested ones; from here on they count as settled. */
export function takeContested(memory: EntryMemory): Set<string> {
  const { contested } = memory;
  memory.contested = new Set();
  return contested;
}
