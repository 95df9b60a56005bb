/**
 * Trace events in words. {@link describeEvent} gives a key and its parameters, for an interface that has its own
 * languages; {@link sentence} and {@link renderTrace} are the English of the terminal.
 */
import type { TraceEvent } from '../kernel/trace.ts';
import { flowName, packetsOf } from './flows.ts';

export interface Described {
  /** Which sentence; see {@link ENGLISH}. */
  key: keyof typeof ENGLISH;
  params: Record<string, string | number>;
}

/** The sentences, with `{name}` for parameters. */
export const ENGLISH = {
  send: '{program} sends it',
  tx: 'leaves by {dev}',
  rx: 'comes in by {dev}',
  bridgeLearn: '{bridge} learns the sender behind {port}',
  bridgeForward: '{bridge} knows the MAC address: from {port} to {to}',
  bridgeFlood: '{bridge} does not know the MAC address: from {port} to every other port ({to})',
  bridgeLocal: '{bridge} hands it to this host: the MAC address is its own',
  bridgeHairpin: '{bridge} would send it back by {port}, which is forbidden (hairpin off)',
  rule: '{family} {table} {chain} rule {rule} matches: {text} → {verdict}',
  policy: '{family} {table} {chain}: no rule decided, the policy is {verdict}',
  snat: 'source rewritten: {before} → {after}',
  dnat: 'destination rewritten: {before} → {after}',
  unSnat: 'source translation undone for the reply: {before} → {after}',
  unDnat: 'destination translation undone for the reply: {before} → {after}',
  conntrack: 'conntrack: {state}, {direction} direction of entry {entry}',
  conntrackInvalid: 'conntrack: INVALID, belongs to no connection',
  routeVia: 'route in table {table}: {route} via {via} dev {dev}',
  routeDirect: 'route in table {table}: {route} dev {dev}, directly connected',
  routeLocal: 'route in table {table}: {route} is an address of this host',
  routeBroadcast: 'route in table {table}: {route} is a broadcast address',
  neighbour: 'neighbour {ip} on {dev} is {mac} ({state})',
  neighbourWaits: 'neighbour {ip} on {dev} is unknown: the packet waits for an answer ({state})',
  neighbourRedirect: 'the sender could reach {ip} itself on {dev}: an ICMP redirect tells it so',
  encap: '{dev} wraps it: {outer} ({how})',
  decap: '{dev} unwraps it ({how})',
  forward: 'forwarded from {from} to {to}, TTL now {ttl}',
  fragment: 'cut into {pieces} fragments for the MTU {mtu}',
  icmpError: 'ICMP error to {to}: {text} (type {type}, code {code})',
  deliver: 'delivered to {socket}',
  policyBy: '{by}: {text} → {verdict}',
  drop: 'DROPPED ({reason}): {text}',
} as const;

/** The sentence an event stands for. */
export function describeEvent(e: TraceEvent): Described {
  switch (e.kind) {
    case 'send':
      return { key: 'send', params: { program: e.program, socket: e.socket } };
    case 'tx':
    case 'rx':
      return { key: e.kind, params: { dev: e.dev } };
    case 'bridge': {
      const key = (
        {
          learn: 'bridgeLearn',
          forward: 'bridgeForward',
          flood: 'bridgeFlood',
          local: 'bridgeLocal',
          'hairpin-off': 'bridgeHairpin',
        } as const
      )[e.action];
      return { key, params: { bridge: e.bridge, port: e.port, to: e.to.join(', ') } };
    }
    case 'hook':
      return {
        key: e.rule === 0 ? 'policy' : 'rule',
        params: {
          family: e.family,
          table: e.table,
          chain: e.chain,
          hook: e.hook,
          rule: e.rule,
          text: e.text,
          verdict: e.verdict,
        },
      };
    case 'nat': {
      const key = ({ SNAT: 'snat', DNAT: 'dnat', 'un-SNAT': 'unSnat', 'un-DNAT': 'unDnat' } as const)[e.manip];
      return { key, params: { before: e.before, after: e.after } };
    }
    case 'conntrack':
      return {
        key: e.state === 'INVALID' ? 'conntrackInvalid' : 'conntrack',
        params: { state: e.state, entry: e.entry, direction: e.direction },
      };
    case 'route': {
      const key =
        e.result === 'local'
          ? 'routeLocal'
          : e.result === 'broadcast'
            ? 'routeBroadcast'
            : e.via
              ? 'routeVia'
              : 'routeDirect';
      return { key, params: { table: e.table, route: e.route, via: e.via, dev: e.dev, why: e.why } };
    }
    case 'neigh': {
      const key = e.state === 'redirect' ? 'neighbourRedirect' : e.mac ? 'neighbour' : 'neighbourWaits';
      return { key, params: { dev: e.dev, ip: e.ip, mac: e.mac, state: e.state } };
    }
    case 'encap':
      return { key: 'encap', params: { dev: e.dev, outer: e.outer, how: e.how } };
    case 'decap':
      return { key: 'decap', params: { dev: e.dev, how: e.how } };
    case 'forward':
      return { key: 'forward', params: { ttl: e.ttl, from: e.from, to: e.to } };
    case 'fragment':
      return { key: 'fragment', params: { mtu: e.mtu, pieces: e.pieces } };
    case 'icmp-error':
      return { key: 'icmpError', params: { type: e.type, code: e.code, to: e.to, text: e.text } };
    case 'deliver':
      return { key: 'deliver', params: { socket: e.socket } };
    case 'policy':
      return { key: 'policyBy', params: { by: e.by, text: e.text, verdict: e.verdict } };
    case 'drop':
      return { key: 'drop', params: { reason: e.reason, text: e.text } };
  }
}

/** An event as one English sentence. */
export function sentence(e: TraceEvent): string {
  const { key, params } = describeEvent(e);
  return ENGLISH[key].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** How an event's place is called: the namespace, with its host when the label does not say it. */
export const placeOf = (e: TraceEvent): string =>
  e.ns === e.host || e.ns.startsWith(`${e.host}:`) ? e.ns : `${e.ns} on ${e.host}`;

/** Packets one after another, hop by hop: a line a step, under the place where it happened. */
export function renderTrace(events: readonly TraceEvent[]): string {
  let out = '';
  for (const packet of packetsOf(events)) {
    out += `${flowName(packet.first)} (packet ${packet.id}, ${packet.outcome})\n`;
    let place = '';
    for (const event of packet.events) {
      const here = placeOf(event);
      if (here !== place) out += `  ${here}\n`;
      place = here;
      out += `    ${sentence(event)}\n`;
      if (event.kind === 'drop' && event.hint) out += `      ${event.hint}\n`;
    }
  }
  return out;
}
