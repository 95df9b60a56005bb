/** Names of chain priorities. Source: nft(8), "Priority names". */
import type { Family, Hook } from '../../linux/netfilter/types.ts';

const STANDARD: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};
const BRIDGE: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };
const AT: Readonly<Record<string, Hook>> = { dstnat: 'PREROUTING', srcnat: 'POSTROUTING', out: 'OUTPUT' };

/** The number of a name for a family and hook; null where it means nothing there. */
export function priorityByName(name: string, family: Family, hook: Hook): number | null {
  const table = family === 'bridge' ? BRIDGE : STANDARD;
  const value = table[name];
  if (value === undefined) return null;
  if (family === 'arp' || family === 'netdev') return name === 'filter' ? 0 : null;
  if (AT[name] && AT[name] !== hook) return null;
  return value;
}

/** A priority by the nearest name, at most ten away; `numeric` keeps the number. */
export function priorityText(priority: number, family: Family, hook: Hook, numeric: boolean): string {
  if (numeric) return `${priority}`;
  const names = Object.keys(family === 'bridge' ? BRIDGE : STANDARD);
  let best: [string, number] | null = null;
  for (const name of names) {
    const base = priorityByName(name, family, hook);
    if (base === null) continue;
    const off = priority - base;
    if (Math.abs(off) > 10) continue;
    if (!best || Math.abs(off) < Math.abs(best[1])) best = [name, off];
  }
  if (!best) return `${priority}`;
  const [name, off] = best;
  return off === 0 ? name : `${name} ${off < 0 ? '-' : '+'} ${Math.abs(off)}`;
}
