/** A step in words, in the reader's language: the namespace `trace`. */
import type { TraceEvent } from '#sim/index.ts';

type Values = Record<string, string | number>;
type Translate = (key: string, values?: Values) => string;

/** Key and values of a step's sentence. */
export function wordsOf(event: TraceEvent): { key: string; values: Values } {
  switch (event.kind) {
    case 'send':
      return { key: 'send', values: { program: event.program } };
    case 'tx':
    case 'rx':
      return { key: event.kind, values: { dev: event.dev } };
    case 'bridge':
      return { key: `bridge.${event.action}`, values: { bridge: event.bridge, port: event.port, to: event.to.join(', ') } };
    case 'hook':
      return { key: event.rule > 0 ? 'hook.rule' : 'hook.policy', values: { table: event.table, chain: event.chain, rule: event.rule } };
    case 'nat':
      return { key: `nat.${event.manip}`, values: { before: event.before, after: event.after } };
    case 'conntrack':
      return { key: 'conntrack', values: { state: event.state, direction: event.direction } };
    case 'route':
      return { key: `route.${event.result}`, values: { table: event.table, dev: event.dev, via: event.via || 'none' } };
    case 'neigh':
      return { key: event.mac === '' ? 'neigh.unknown' : 'neigh.known', values: { ip: event.ip, mac: event.mac, dev: event.dev, state: event.state } };
    case 'encap':
      return { key: 'encap', values: { dev: event.dev, outer: event.outer, how: event.how } };
    case 'decap':
      return { key: 'decap', values: { dev: event.dev, how: event.how } };
    case 'forward':
      return { key: 'forward', values: { ttl: event.ttl, from: event.from, to: event.to } };
    case 'fragment':
      return { key: 'fragment', values: { mtu: event.mtu, pieces: event.pieces } };
    case 'icmp-error':
      return { key: 'icmpError', values: { to: event.to, text: event.text } };
    case 'deliver':
      return { key: 'deliver', values: { socket: event.socket } };
    case 'policy':
      return { key: 'policy', values: { by: event.by, text: event.text } };
    case 'drop':
      return { key: 'drop', values: { text: event.text } };
  }
}

/** The sentence. */
export function describeStep(event: TraceEvent, t: Translate): string {
  const { key, values } = wordsOf(event);
  return t(key, values);
}
