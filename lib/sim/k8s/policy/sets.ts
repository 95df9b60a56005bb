/** Selectors answered with sets of endpoints: an index of labels, and caches that live as long as the endpoints do. */
import { formatPrefix } from '../../addr/ip.ts';
import { type LabelSelector, matchesLabelSelector } from '../store/selector.ts';
import { addressIndex } from './addresses.ts';
import { allBits, andInto, andNotInto, type Bits, orInto, setBit, wordsFor } from './bits.ts';
import type { Endpoint, FlowPort, Peer, PodMatch, PolicySet, PortMatch } from './contract.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

export interface EndpointSets {
  readonly words: number;
  readonly all: Bits;
  /** Those that selectors can select. */
  readonly selectable: Bits;
  /** Endpoints of a node's own addresses, by node. */
  readonly hosts: ReadonlyMap<string, Bits>;
  /** Adds the Pods that fit. */
  addPods(into: Bits, match: PodMatch): void;
  /** Adds the endpoints that one of the peers fits. */
  addPeers(into: Bits, peers: readonly Peer[] | null): void;
  /** Destinations on which one of the ports is the flow's: `all` itself when that does not depend on the destination. Not to be written to. */
  ports(ports: readonly PortMatch[] | null, flow: FlowPort): Bits;
}

/** Whether a port written as a number, a range or not at all fits the flow. */
const numberFits = ({ protocol, port, end }: PortMatch, flow: FlowPort): boolean =>
  (protocol === null || protocol === flow.protocol) &&
  (port === null ||
    (typeof port === 'number' && (flow.port === port || (end !== null && flow.port > port && flow.port <= end))));

function bitsBy(endpoints: readonly Endpoint[], keysOf: (end: Endpoint) => string | null): Map<string, Bits> {
  const words = wordsFor(endpoints.length);
  const sets = new Map<string, Bits>();
  for (const [i, end] of endpoints.entries()) {
    const key = keysOf(end);
    if (key === null) continue;
    let bits = sets.get(key);
    if (!bits) {
      bits = new Uint32Array(words);
      sets.set(key, bits);
    }
    setBit(bits, i);
  }
  return sets;
}

/** Labels of the endpoints, each key indexed when it is first asked for. */
function labelIndex(endpoints: readonly Endpoint[], all: Bits) {
  const keys = new Map<string, { values: Map<string, Bits>; any: Bits }>();
  const none = new Uint32Array(all.length);
  const scratch = none.slice();
  const byKey = (key: string) => {
    let found = keys.get(key);
    if (!found) {
      const values = bitsBy(endpoints, ({ labels }) => labels[key] ?? null);
      const any = none.slice();
      for (const bits of values.values()) orInto(any, bits);
      found = { values, any };
      keys.set(key, found);
    }
    return found;
  };
  const demand = (into: Bits, { key, operator, values = [] }: Requirement): void => {
    const index = byKey(key);
    const listed = operator === 'In' || operator === 'NotIn';
    const named = listed ? scratch : index.any;
    if (listed) scratch.fill(0);
    if (listed) for (const value of values) orInto(scratch, index.values.get(value) ?? none);
    if (operator === 'In' || operator === 'Exists') andInto(into, named);
    else andNotInto(into, named);
  };
  return {
    /** Narrows the set to those that the selector selects. */
    narrow(into: Bits, { matchLabels = {}, matchExpressions = [] }: LabelSelector): void {
      for (const key in matchLabels) andInto(into, byKey(key).values.get(matchLabels[key] as string) ?? none);
      for (const requirement of matchExpressions) demand(into, requirement);
    },
  };
}

/** Sets of the endpoints of a set of policies. Answers that are kept must not be written to. */
export function endpointSets({ endpoints, nodes, semantics }: Omit<PolicySet, 'policies'>): EndpointSets {
  const words = wordsFor(endpoints.length);
  const all = allBits(endpoints.length);
  const none = new Uint32Array(words);
  const namespaces = bitsBy(endpoints, (end) => (end.selectable ? end.namespace : null));
  const selectable = none.slice();
  for (const bits of namespaces.values()) orInto(selectable, bits);
  const namespaceLabels = new Map(endpoints.map((end) => [end.namespace, end.namespaceLabels]));
  const hosts = bitsBy(endpoints, (end) => (end.hostNetwork && end.node !== '' ? end.node : null));
  const labels = labelIndex(endpoints, all);
  const addresses = addressIndex(endpoints);
  const blocks = new Map<string, Bits>();
  /** By name and protocol: one matrix asks for one port. */
  const names = new Map<string, Bits>();

  const where = (fits: (end: Endpoint) => boolean): Bits => {
    const bits = new Uint32Array(words);
    for (let i = 0; i < endpoints.length; i++) if (fits(endpoints[i] as Endpoint)) setBit(bits, i);
    return bits;
  };
  const scratch = none.slice();
  const addPods = (into: Bits, { namespace, pods }: PodMatch): void => {
    scratch.set(typeof namespace === 'string' ? (namespaces.get(namespace) ?? none) : none);
    if (typeof namespace !== 'string')
      for (const [name, members] of namespaces)
        if (matchesLabelSelector(namespaceLabels.get(name) ?? {}, namespace)) orInto(scratch, members);
    if (pods !== null) labels.narrow(scratch, pods);
    orInto(into, scratch);
  };

  const ofBlock = ({ block, except }: Peer & { kind: 'block' }): Bits => {
    const key = [block, ...except].map(formatPrefix).join();
    let bits = blocks.get(key);
    if (!bits) {
      bits = none.slice();
      addresses(bits, block, except);
      if (!semantics.blocksMatchPods) andNotInto(bits, selectable);
      blocks.set(key, bits);
    }
    return bits;
  };

  const ofNodes = ({ nodes: selector }: Peer & { kind: 'nodes' }): Bits => {
    const ips = new Set(nodes.filter((n) => matchesLabelSelector(n.labels, selector)).flatMap((n) => n.ips));
    return where((end) => !end.selectable && end.ips.some((ip) => ips.has(ip)));
  };

  return {
    words,
    all,
    selectable,
    hosts,
    addPods,
    addPeers(into, list) {
      if (list === null) orInto(into, all);
      for (const one of list ?? [])
        if (one.kind === 'pods') addPods(into, one);
        else if (one.kind === 'block') orInto(into, ofBlock(one));
        else if (one.kind === 'nodes') orInto(into, ofNodes(one));
    },
    ports(list, flow) {
      if (list === null || list.some((one) => numberFits(one, flow))) return all;
      let bits: Bits = none;
      for (const { protocol, port } of list) {
        if (typeof port !== 'string' || (protocol !== null && protocol !== flow.protocol)) continue;
        const key = `${port}/${flow.protocol}`;
        const named = names.get(key) ?? where((end) => end.namedPorts.get(key) === flow.port);
        names.set(key, named);
        if (bits === none) bits = named;
        else {
          bits = bits.slice();
          orInto(bits, named);
        }
      }
      return bits;
    },
  };
}
