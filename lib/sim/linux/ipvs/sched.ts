/** Schedulers: which real server takes a new connection. ip_vs_{rr,wrr,lc,wlc,sh,dh,mh,sed,nq,fo,ovf,lblc,lblcr}.c. */
import type { Ip } from '../../addr/ip.ts';
import { MH_SIZE, mhSlot, mhTable } from './mh.ts';
import type { VsDest, VsService } from './types.ts';

/** What a scheduler may look at. */
export interface VsFlow {
  src: Ip;
  dst: Ip;
  sport: number;
}

const FALLBACK = 1;
const WITH_PORT = 2;
const BUCKETS = 256;

const usable = (d: VsDest): boolean => d.weight > 0 && !d.overload;
const total = (d: VsDest): number => d.active * 256 + d.inactive;

/** An address in 32 bits. */
function fold(ip: Ip): number {
  if (typeof ip === 'number') return ip;
  let folded = 0;
  for (let i = 0n; i < 4n; i++) folded ^= Number((ip >> (i * 32n)) & 0xffffffffn);
  return folded >>> 0;
}

const hash8 = (n: number): number => Math.imul(n, 0x61c88647) >>> 24;

function rr(svc: VsService): VsDest | null {
  const start = svc.dests.findIndex((d) => d.id === svc.cursor);
  for (let i = 1; i <= svc.dests.length; i++) {
    const dest = svc.dests[(start + i) % svc.dests.length];
    if (dest && usable(dest)) {
      svc.cursor = dest.id;
      return dest;
    }
  }
  return null;
}

function wrr(svc: VsService): VsDest | null {
  const { dests, wrr: mark } = svc;
  const start = dests.findIndex((d) => d.id === svc.cursor);
  if (mark.mw === 0) return null;
  const best = Math.max(0, ...dests.filter((d) => !d.overload).map((d) => d.weight));
  let stop = -1;
  let lastPass = false;
  let restarted = false;
  for (let at = start; ; at = -1) {
    for (at++; at < dests.length; at++) {
      const dest = dests[at] as VsDest;
      if (!dest.overload && dest.weight >= mark.cw) {
        svc.cursor = dest.id;
        return dest;
      }
      if (at === stop) return null;
    }
    // Passes that no weight can meet are passed over at once.
    mark.cw -= mark.di * Math.max(1, Math.ceil((mark.cw - best) / mark.di));
    if (mark.cw <= 0) {
      mark.cw = mark.mw;
      if (lastPass || start < 0) {
        svc.cursor = 0;
        return null;
      }
      restarted = true;
    }
    lastPass = mark.cw <= mark.di;
    if (lastPass && restarted) stop = start;
  }
}

/** The server with the least load for its weight; ties go to the first of the list. */
function least(dests: readonly VsDest[], load: (d: VsDest) => number, weighted: boolean): VsDest | null {
  let found: VsDest | null = null;
  for (const dest of dests) {
    if (!usable(dest)) continue;
    if (!found) found = dest;
    else if (load(found) * (weighted ? dest.weight : 1) > load(dest) * (weighted ? found.weight : 1)) found = dest;
  }
  return found;
}

function nq(svc: VsService): VsDest | null {
  return svc.dests.find((d) => usable(d) && d.active === 0) ?? least(svc.dests, (d) => d.active + 1, true);
}

/** Servers in the table's buckets, each for as many in a row as `turns` says. */
function buckets(svc: VsService, turns: (d: VsDest) => number): VsDest[] {
  const table: VsDest[] = [];
  let at = 0;
  let count = 0;
  while (table.length < BUCKETS && svc.dests.length > 0) {
    const dest = svc.dests[at] as VsDest;
    table.push(dest);
    if (++count >= turns(dest)) {
      at = (at + 1) % svc.dests.length;
      count = 0;
    }
  }
  return table;
}

function hashed(
  svc: VsService,
  table: readonly (VsDest | null)[],
  size: number,
  slot: (offset: number) => number,
): VsDest | null {
  const first = table[slot(0)] ?? null;
  if (!first || usable(first)) return first;
  if (!(svc.schedFlags & FALLBACK)) return null;
  for (let i = 0; i < size; i++) {
    const dest = table[slot((i + slot(0)) % size)];
    if (!dest) return null;
    if (usable(dest)) return dest;
  }
  return null;
}

function sh(svc: VsService, flow: VsFlow): VsDest | null {
  const port = svc.schedFlags & WITH_PORT ? flow.sport : 0;
  const slot = (offset: number) => (offset + hash8(port + fold(flow.src))) % BUCKETS;
  return hashed(
    svc,
    buckets(svc, (d) => d.weight),
    BUCKETS,
    slot,
  );
}

function dh(svc: VsService, flow: VsFlow): VsDest | null {
  const dest = buckets(svc, () => 1)[hash8(fold(flow.dst))];
  return dest && usable(dest) ? dest : null;
}

function mh(svc: VsService, flow: VsFlow): VsDest | null {
  const port = svc.schedFlags & WITH_PORT ? flow.sport : 0;
  const table = mhTable(svc.dests, (d) => fold(d.addr));
  return hashed(svc, table, MH_SIZE, (offset) => mhSlot(fold(flow.src), port, offset));
}

/** The heaviest of the servers that `fits`. */
function heaviest(dests: readonly VsDest[], fits: (d: VsDest) => boolean): VsDest | null {
  let found: VsDest | null = null;
  for (const dest of dests) if (usable(dest) && fits(dest) && dest.weight > (found?.weight ?? 0)) found = dest;
  return found;
}

/** A busy server while another is mostly idle: is_overloaded(). */
const overloaded = (svc: VsService, dest: VsDest): boolean =>
  dest.active > dest.weight && svc.dests.some((d) => d.active * 2 < d.weight);

/** Each destination keeps its server until that is gone or overloaded: ip_vs_lblc.c. */
function lblc(svc: VsService, flow: VsFlow): VsDest | null {
  svc.cache ??= new Map();
  const id = svc.cache.get(flow.dst)?.[0];
  const known = svc.dests.find((d) => d.id === id);
  if (known && usable(known) && !overloaded(svc, known)) return known;
  const dest = least(svc.dests, total, true);
  if (dest) svc.cache.set(flow.dst, [dest.id]);
  return dest;
}

/** Each destination has a set of servers, which grows while they are overloaded: ip_vs_lblcr.c. */
function lblcr(svc: VsService, flow: VsFlow): VsDest | null {
  svc.cache ??= new Map();
  const ids = svc.cache.get(flow.dst) ?? [];
  const set = ids.flatMap((id) => svc.dests.find((d) => d.id === id) ?? []);
  const known = least(set, total, true);
  if (known && !overloaded(svc, known)) return known;
  const dest = least(svc.dests, total, true);
  if (dest) svc.cache.set(flow.dst, [dest.id, ...ids.filter((id) => id !== dest.id)]);
  return dest;
}

const SCHEDULERS: Readonly<Record<string, (svc: VsService, flow: VsFlow) => VsDest | null>> = {
  rr,
  wrr,
  lc: (svc) => least(svc.dests, total, false),
  wlc: (svc) => least(svc.dests, total, true),
  sed: (svc) => least(svc.dests, (d) => d.active + 1, true),
  nq,
  sh,
  dh,
  mh,
  fo: (svc) => heaviest(svc.dests, () => true),
  ovf: (svc) => heaviest(svc.dests, (d) => d.active < d.weight),
  lblc,
  lblcr,
};

/** Whether there is such a scheduler. */
export const isScheduler = (name: string): boolean => Object.hasOwn(SCHEDULERS, name);

/** The server for a new connection, or null. */
export const schedule = (svc: VsService, flow: VsFlow): VsDest | null => SCHEDULERS[svc.sched]?.(svc, flow) ?? null;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** A scheduler starts with a service, or its servers have changed. `gone` is the place in the list of one taken away. */
export function serversChanged(svc: VsService, how: 'start' | 'change', gone?: { id: number; at: number }): void {
  if (how === 'start') {
    svc.cursor = 0;
    delete svc.cache;
  } else if (gone?.id === svc.cursor) svc.cursor = svc.dests[gone.at - 1]?.id ?? 0;
  if (svc.sched !== 'wrr') return;
  const mark = svc.wrr;
  svc.cursor = 0;
  mark.di = svc.dests.reduce((g, d) => gcd(g, d.weight), 0) || 1;
  mark.mw = Math.max(0, ...svc.dests.map((d) => d.weight)) - (mark.di - 1);
  if (how === 'start' || mark.cw > mark.mw || mark.cw === 0) mark.cw = mark.mw;
  else if (mark.di > 1) mark.cw = Math.trunc(mark.cw / mark.di) * mark.di + 1;
}
