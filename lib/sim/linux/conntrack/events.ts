/** Conntrack events for `conntrack -E`: kept only while somebody listens. */
import type { World } from '../../kernel/world.ts';
import type { CtEntry } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { entryLine } from './format.ts';

export interface CtEvent {
  seq: number;
  at: number;
  type: 'NEW' | 'UPDATE' | 'DESTROY';
  entry: CtEntry;
  text: string;
}

interface EventLog {
  listeners: number;
  next: number;
  events: CtEvent[];
}

const MAX_EVENTS = 1000;

function logOf(ns: NetNs): EventLog {
  ns.ext.ctEvents ??= { listeners: 0, next: 1, events: [] } satisfies EventLog;
  return ns.ext.ctEvents as EventLog;
}

/** Tells listeners that a connection began, changed or ended. */
export function notify(world: World, ns: NetNs, type: CtEvent['type'], entry: CtEntry): void {
  if (ns.ext.ctEvents === undefined) return;
  const log = logOf(ns);
  if (log.listeners === 0) return;
  log.events.push({
    seq: log.next++,
    at: world.now,
    type,
    entry: { ...entry },
    text: entryLine(world, entry, { event: true }),
  });
  if (log.events.length > MAX_EVENTS) log.events.shift();
}

/** Begins to listen. Answers a function that takes what has come since, and one that ends it. */
export function subscribe(ns: NetNs): { take: () => CtEvent[]; pending: () => boolean; close: () => void } {
  const log = logOf(ns);
  log.listeners++;
  let seen = log.next - 1;
  return {
    pending: () => log.next - 1 > seen,
    take: () => {
      const fresh = log.events.filter((e) => e.seq > seen);
      seen = log.next - 1;
      return fresh;
    },
    close: () => {
      log.listeners--;
      if (log.listeners === 0) log.events = [];
    },
  };
}
