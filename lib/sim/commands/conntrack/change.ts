/** conntrack -I, -A and -U: connections made and changed by hand, as ctnetlink takes them. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { notify } from '../../linux/conntrack/events.ts';
import { confirmEntry, createEntry, refresh, tupleTaken } from '../../linux/conntrack/table.ts';
import { invertTuple, isIcmp } from '../../linux/conntrack/tuple.ts';
import type { CtEntry, CtTuple } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { type Query, UsageError } from './options.ts';

const PORTS = [6, 17, 33, 132, 136];
/** The kernel's third state has two names. */
const STATES: Record<string, string> = { LISTEN: 'SYN_SENT2' };

const need = (option: string): never => {
  throw new UsageError(`You need to supply the \`--${option}' option for this command`);
};

/** What -I, -A and -G must be told of a connection. Throws {@link UsageError}. */
export function checkTuple(q: Query, creating: boolean): void {
  if (q.proto === null) need('protonum');
  if (creating && q.timeout === null) need('timeout');
  const proto = q.proto as number;
  if (!q.addresses.get('orig-src') || !q.addresses.get('orig-dst'))
    throw new UsageError("you have to specify `--src' and `--dst'");
  if (PORTS.includes(proto) && (!q.ports.has('orig-sport') || !q.ports.has('orig-dport')))
    throw new UsageError("you have to specify `--sport' and `--dport'");
  if (isIcmp(proto) && (!q.icmp.has('type') || !q.icmp.has('code'))) {
    const name = proto === 1 ? 'icmp' : 'icmpv6';
    throw new UsageError(`you have to specify \`--${name}-type' and \`--${name}-code'`);
  }
  if (creating && proto === 6 && q.state === null) need('state');
}

function origTuple(q: Query): CtTuple {
  const side = (name: string): Ip => q.addresses.get(name)?.ip ?? 0;
  const proto = q.proto as number;
  const base = { src: side('orig-src'), dst: side('orig-dst'), proto };
  if (isIcmp(proto)) {
    const id = q.icmp.get('id') ?? 0;
    return { ...base, sport: id, dport: id, type: q.icmp.get('type') ?? 0, code: q.icmp.get('code') ?? 0 };
  }
  return { ...base, sport: q.ports.get('orig-sport') ?? 0, dport: q.ports.get('orig-dport') ?? 0 };
}

/** The reply tuple: the inverse, but for what was said of it and for translations. */
function replyTuple(q: Query, entry: CtEntry): CtTuple {
  const reply = { ...entry.reply };
  reply.src = q.addresses.get('reply-src')?.ip ?? q.addresses.get('dst-nat')?.ip ?? reply.src;
  reply.dst = q.addresses.get('reply-dst')?.ip ?? q.addresses.get('src-nat')?.ip ?? reply.dst;
  reply.sport = q.ports.get('reply-sport') ?? q.natPorts.get('g') ?? reply.sport;
  reply.dport = q.ports.get('reply-dport') ?? q.natPorts.get('n') ?? reply.dport;
  return reply;
}

/** Makes a connection. False when it is there already. */
export function create(world: World, ns: NetNs, q: Query): boolean {
  const orig = origTuple(q);
  const entry = createEntry(world, ns, orig, q.zone ?? 0);
  if (!entry) return false;
  if (tupleTaken(world, ns, orig, entry) || !invertTuple(orig)) {
    ns.ct.entries.delete(entry.id);
    return false;
  }
  entry.reply = replyTuple(q, entry);
  entry.status.srcNat = q.addresses.has('src-nat');
  entry.status.dstNat = q.addresses.has('dst-nat');
  apply(world, entry, q);
  if (!confirmEntry(ns, entry)) return false;
  notify(world, ns, 'NEW', entry);
  return true;
}

function apply(world: World, entry: CtEntry, q: Query): void {
  if (q.timeout !== null) refresh(world, entry, q.timeout);
  if (q.mark) entry.mark = ((entry.mark & ~q.mark.mask) | (q.mark.value & q.mark.mask)) >>> 0;
  if (q.state !== null && entry.orig.proto === 6) entry.tcpState = STATES[q.state] ?? q.state;
  for (const status of q.status) {
    if (status === 'ASSURED') entry.status.assured = true;
    if (status === 'SEEN_REPLY') entry.status.seenReply = true;
  }
}

/** Changes a connection. False where the kernel does not find it: another zone needs its name. */
export function update(world: World, ns: NetNs, entry: CtEntry, q: Query): boolean {
  if (entry.zone !== (q.zone ?? 0)) return false;
  apply(world, entry, q);
  notify(world, ns, 'UPDATE', entry);
  return true;
}
