/** IP sets as rules use them: the element a packet stands for, asked, added or deleted. */
import { bitsOf, network } from '../../addr/ip.ts';
import { ipLength, type Packet } from '../../packet/packet.ts';
import type { HookState } from '../netfilter/ext.ts';
import type { NetNs } from '../types.ts';
import { IpsetError } from './element.ts';
import { addElement, delElement, lookupElement } from './store.ts';
import { type IpSet, type Part, SET_TYPES, type SetEntry, setsOf } from './types.ts';

/** The set of that name. */
export const findSet = (ns: NetNs, name: string): IpSet | undefined => setsOf(ns).get(name);

type Comparison = { op: 'eq' | 'ne' | 'lt' | 'gt'; value: number };

/** What a rule's set match asks beyond membership. */
export interface SetMatchOptions {
  /** Only entries marked `nomatch` count. */
  returnNomatch?: boolean;
  keepCounters?: boolean;
  /** The counters of a list's members stay. */
  keepSubcounters?: boolean;
  packets?: Comparison;
  bytes?: Comparison;
}

const holds = (test: Comparison | undefined, n: number): boolean =>
  !test ||
  (test.op === 'eq'
    ? n === test.value
    : test.op === 'ne'
      ? n !== test.value
      : test.op === 'lt'
        ? n < test.value
        : n > test.value);

function part(dim: string, dir: string, set: IpSet, state: HookState, packet: Packet): Part | null {
  const { ip } = packet;
  if (!ip) return null;
  const src = dir === 'src';
  switch (dim) {
    case 'ip':
    case 'net': {
      const address = src ? ip.src : ip.dst;
      if ((typeof address === 'bigint') !== (set.family === 6)) return null;
      return { kind: 'ip', ip: set.netmask === null ? address : network(address, set.netmask), len: bitsOf(address) };
    }
    case 'port': {
      if (packet.icmp) return { kind: 'port', proto: ip.proto, port: packet.icmp.type * 256 + packet.icmp.code };
      const l4 = packet.tcp ?? packet.udp;
      return l4 ? { kind: 'port', proto: ip.proto, port: src ? l4.sport : l4.dport } : null;
    }
    case 'iface': {
      const link = src ? state.in : state.out;
      return link ? { kind: 'iface', name: link.name, phys: false } : null;
    }
    case 'mac':
      return src && packet.eth ? { kind: 'mac', mac: packet.eth.src } : null;
    case 'mark':
      return { kind: 'mark', mark: (packet.mark & set.markmask) >>> 0 };
    default:
      return null;
  }
}

/** The element of the packet. Null when the packet has not what the set asks for, or too few directions are given. */
function packetParts(state: HookState, set: IpSet, dirs: readonly string[]): Part[] | null {
  const dims = SET_TYPES.get(set.type)?.dims ?? [];
  if (dirs.length < dims.length) return null;
  const parts: Part[] = [];
  for (let i = 0; i < dims.length; i++) {
    const one = part(dims[i] as string, dirs[i] as string, set, state, state.packet);
    if (!one) return null;
    parts.push(one);
  }
  return parts;
}

/** Counts a packet in an entry that it hit, then compares: ip_set_match_extensions(). */
function countAndCompare(state: HookState, set: IpSet, entry: SetEntry, o: SetMatchOptions): boolean {
  if (!set.counters) return true;
  if (!o.keepCounters) {
    entry.packets++;
    entry.bytes += ipLength(state.packet);
  }
  return holds(o.packets, entry.packets) && holds(o.bytes, entry.bytes);
}

/** Whether the packet's element is in the set; a list of sets is asked member by member. */
export function testPacket(state: HookState, name: string, dirs: readonly string[], o: SetMatchOptions = {}): boolean {
  const set = findSet(state.ns, name);
  if (!set) return false;
  if (set.type === 'list:set') {
    const inner = { keepCounters: o.keepSubcounters, returnNomatch: o.returnNomatch };
    return [...set.entries.values()].some(
      (e) =>
        e.parts[0]?.kind === 'set' &&
        testPacket(state, e.parts[0].name, dirs, inner) &&
        countAndCompare(state, set, e, o),
    );
  }
  const entry = entryFor(state, set, dirs);
  if (!entry || !countAndCompare(state, set, entry, o)) return false;
  return entry.nomatch === (o.returnNomatch === true && set.type.includes('net'));
}

function entryFor(state: HookState, set: IpSet, dirs: readonly string[]): SetEntry | null {
  const parts = packetParts(state, set, dirs);
  return parts ? lookupElement(state.world, set, parts) : null;
}

/** The SET target's --map-set: the packet gets what its entry holds. */
export function mapPacket(state: HookState, name: string, dirs: readonly string[], mark: boolean): void {
  const set = findSet(state.ns, name);
  const skb = set ? entryFor(state, set, dirs)?.skb : undefined;
  if (mark && skb?.mark) state.packet.mark = ((state.packet.mark & ~skb.mark.mask) ^ skb.mark.value) >>> 0;
}

/** The SET target's --add-set: a full set or one that has the element stays as it is; the packet is the new element's first. */
export function addPacket(
  state: HookState,
  name: string,
  dirs: readonly string[],
  exist: boolean,
  timeout: number | null,
): void {
  const set = findSet(state.ns, name);
  const parts = set ? packetParts(state, set, dirs) : null;
  if (!set || !parts) return;
  quietly(() =>
    addElement(state.world, state.ns, set, parts, {
      exist,
      nomatch: false,
      timeout,
      packets: 1,
      bytes: ipLength(state.packet),
      comment: null,
    }),
  );
}

/** The SET target's --del-set. */
export function delPacket(state: HookState, name: string, dirs: readonly string[]): void {
  const set = findSet(state.ns, name);
  const parts = set ? packetParts(state, set, dirs) : null;
  if (set && parts) quietly(() => delElement(state.world, state.ns, set, parts, true));
}

function quietly(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof IpsetError)) throw error;
  }
}
