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
  /** The sync that wanted it last. */
  wanted: number;
}

/** By set or map, then by key. */
export type EntryMemory = Record<Container, Map<string, Known>>;

export const newEntries = (): EntryMemory =>
  Object.fromEntries(CONTAINERS.map((name) => [name, new Map<string, Known>()])) as EntryMemory;

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
  for (const name of CONTAINERS) {
    memory[name].clear();
    tx.flushSet(name);
  }
}

/** Sees to it that an element stands there with its verdict. */
export function ensureEntry(tx: NftTransaction, memory: EntryMemory, entry: Entry, sync: number): void {
  const known = memory[entry.in].get(entry.key);
  if (known?.verdict === entry.verdict) {
    known.wanted = sync;
    return;
  }
  if (known) tx.deleteElement(entry.in, keyOf(entry.key));
  tx.addElement(entry.in, elementOf(entry));
  memory[entry.in].set(entry.key, { verdict: entry.verdict, wanted: sync });
}

/** Takes out what this sync did not want. */
export function dropLeftovers(tx: NftTransaction, memory: EntryMemory, sync: number): void {
  for (const name of CONTAINERS)
    for (const [key, { wanted }] of memory[name]) {
      if (wanted === sync) continue;
      tx.deleteElement(name, keyOf(key));
      memory[name].delete(key);
    }
}
