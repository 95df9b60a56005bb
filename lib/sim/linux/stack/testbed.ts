/** Worlds for the tests of the data plane: namespaces, veth pairs, and programs run to their end. */
import { type Ip, parsePrefix } from '../../addr/ip.ts';
import type { Command } from '../../commands/contract.ts';
import { createHost, createWorld } from '../../kernel/create.ts';
import { Machine } from '../../kernel/machine.ts';
import type { FileDesc } from '../../kernel/process.ts';
import type { Host, World } from '../../kernel/world.ts';
import { addAddress } from '../addr/ops.ts';
import { addLink, findLink, setLink } from '../link/ops.ts';
import { createNetns } from '../netns/netns.ts';
import { addRoute } from '../route/ops.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';

export interface Bed {
  world: World;
  host: Host;
  machine: Machine;
}

/** A host whose machine knows the given commands. */
export function testbed(commands: Command[]): Bed {
  const world = createWorld('test', 1);
  const host = createHost(world, 'node', { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() });
  host.rootNs = createNetns(world, host, 'node').id;
  return { world, host, machine: new Machine(world, new Map(commands.map((c) => [c.name, c]))) };
}

/** A namespace with `lo` up and IPv6 off. */
export function namespace(bed: Bed, name: string): NetNs {
  const ns = createNetns(bed.world, bed.host, name);
  setSysctl(bed.world, bed.host, ns, 'net.ipv6.conf.all.disable_ipv6', '1');
  setLink(bed.world, ns, link(ns, 'lo'), { up: true });
  return ns;
}

/** A device by name; a missing one is a mistake of the test. */
export function link(ns: NetNs, name: string): Link {
  const found = findLink(ns, name);
  if (!found) throw new Error(`${ns.label} has no ${name}`);
  return found;
}

/** A veth pair between two namespaces, both ends with an address (or none) and up. */
export function cable(
  bed: Bed,
  a: NetNs,
  nameA: string,
  addressA: string | null,
  b: NetNs,
  nameB: string,
  addressB: string | null,
): void {
  addLink(bed.world, a, { kind: 'veth', name: nameA, peer: { name: nameB }, peerNs: b });
  for (const [ns, name, address] of [
    [a, nameA, addressA],
    [b, nameB, addressB],
  ] as const) {
    if (address) address4(bed, ns, name, address);
    setLink(bed.world, ns, link(ns, name), { up: true });
  }
}

/** Adds `ADDR/LEN` to a device. */
export function address4(bed: Bed, ns: NetNs, name: string, text: string): void {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`not a prefix: ${text}`);
  addAddress(bed.world, ns, link(ns, name), { local: prefix.ip, len: prefix.len });
}

/** `ip route add DST via GATEWAY`. */
export function route(bed: Bed, ns: NetNs, dst: string, gateway: string): void {
  const prefix = parsePrefix(dst) as { ip: Ip; len: number };
  const via = (parsePrefix(gateway) as { ip: Ip }).ip;
  addRoute(bed.world, ns, { dst: prefix, nexthops: [{ gateway: via }] } as never, 'add');
}

/** Runs a program in a namespace to its end, moving virtual time: exit status and everything it wrote. */
export function exec(bed: Bed, ns: NetNs, argv: string[], stdin = ''): { exit: number; out: string; err: string } {
  const out: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const err: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const { machine } = bed;
  const fds = new Map<number, FileDesc>([
    [0, { kind: 'source', text: stdin }],
    [1, out],
    [2, err],
  ]);
  const proc = machine.spawn({ host: bed.host, netns: ns, argv, env: new Map(), tty: null, fds });
  if (!proc) throw new Error('no process');
  for (let i = 0; i < 200_000 && proc.status === null; i++) {
    machine.pump();
    if (proc.status !== null) break;
    const at = machine.nextAt();
    if (at === null) break;
    machine.advance(at);
  }
  return { exit: proc.status ?? -1, out: out.chunks.join(''), err: err.chunks.join('') };
}
