/** What rtnetlink's multicast groups tell to those who listen (`ip monitor`): rtnl_notify(). Nothing without listeners. */
import type { IfAddr, Link, Neighbour, NetNs, Route, Rule } from './types.ts';

/** A link as it stood: what is worked out from other links is kept with it. */
export interface LinkView {
  link: Link;
  flags: string[];
  state: string;
}

export type NlEvent = { deleted: boolean } & (
  | ({ kind: 'link' } & LinkView)
  | { kind: 'addr'; dev: string; ifindex: number; address: IfAddr }
  | { kind: 'route'; route: Route }
  | { kind: 'neigh'; entry: Neighbour }
  | { kind: 'rule'; family: 4 | 6; rule: Rule }
  | { kind: 'nexthop'; text: string; dev: number }
  | { kind: 'netconf'; family: 4 | 6; dev: string; key: string }
  | { kind: 'nsid'; netns: number; id: number }
);

/** Messages one listener may have waiting: the socket's receive buffer. */
const QUEUE = 1000;

type Queues = NlEvent[][];

/** A queue that gets every event of a namespace until {@link unsubscribe}. */
export function subscribe(ns: NetNs): NlEvent[] {
  const queue: NlEvent[] = [];
  ns.ext.monitors = [...((ns.ext.monitors as Queues | undefined) ?? []), queue];
  return queue;
}

export function unsubscribe(ns: NetNs, queue: NlEvent[]): void {
  const left = ((ns.ext.monitors as Queues | undefined) ?? []).filter((q) => q !== queue);
  if (left.length > 0) ns.ext.monitors = left;
  else delete ns.ext.monitors;
}

/** Whether anyone listens: nobody builds events for no one. */
export const listened = (ns: NetNs): boolean => ns.ext.monitors !== undefined;

/** Tells the listeners. */
export function notify(ns: NetNs, event: NlEvent): void {
  for (const queue of (ns.ext.monitors as Queues | undefined) ?? []) if (queue.length < QUEUE) queue.push(event);
}

export function notifyRoute(ns: NetNs, route: Route, deleted = false): void {
  if (listened(ns))
    notify(ns, { kind: 'route', deleted, route: { ...route, nexthops: route.nexthops.map((nh) => ({ ...nh })) } });
}

export function notifyAddress(ns: NetNs, link: Link, address: IfAddr, deleted = false): void {
  if (!listened(ns)) return;
  const copy = { ...address, flags: [...address.flags] };
  notify(ns, { kind: 'addr', deleted, dev: link.name, ifindex: link.ifindex, address: copy });
}

export function notifyNeighbour(ns: NetNs, entry: Neighbour, deleted = false): void {
  if (listened(ns)) notify(ns, { kind: 'neigh', deleted, entry: { ...entry, flags: [...entry.flags], queue: [] } });
}

export function notifyRule(ns: NetNs, family: 4 | 6, rule: Rule, deleted = false): void {
  if (listened(ns)) notify(ns, { kind: 'rule', deleted, family, rule: { ...rule } });
}
