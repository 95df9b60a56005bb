/** conntrack 1.4.7 (conntrack-tools): the connections the kernel tracks. */
import { inPrefix } from '../../addr/ip.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { type CtEvent, notify, subscribe } from '../../linux/conntrack/events.ts';
import { entryLine, entrySave, entryXml, expectStatsText, statsText } from '../../linux/conntrack/format.ts';
import { conntrackCount, flushEntries, liveEntries, removeEntry } from '../../linux/conntrack/table.ts';
import type { CtEntry } from '../../linux/netfilter/types.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, printThenErr, waitFor } from '../io.ts';
import { checkTuple, create, update } from './change.ts';
import { HELP } from './help.ts';
import { NotModelled, type Query, readQuery, UsageError } from './options.ts';

const TITLE = 'conntrack v1.4.7 (conntrack-tools): ';

/** Whether a connection fits every filter. */
function fits(e: CtEntry, q: Query): boolean {
  if (q.family !== null && (typeof e.orig.src === 'bigint' ? 6 : 4) !== q.family) return false;
  if (q.proto !== null && e.orig.proto !== q.proto) return false;
  // An ICMP id is compared with a type: without an address every ICMP entry that NAT has seen counts as translated.
  const icmpToo = e.orig.type !== undefined;
  const sides: Record<string, boolean> = {
    'src-nat': e.status.srcNat,
    'dst-nat': e.status.dstNat,
    'any-nat': e.status.srcNat || e.status.dstNat,
  };
  for (const [side, filter] of q.addresses) {
    if (side.endsWith('nat')) {
      const done =
        side === 'src-nat'
          ? e.status.srcNatDone
          : side === 'dst-nat'
            ? e.status.dstNatDone
            : e.status.srcNatDone || e.status.dstNatDone;
      if (!sides[side] && !(icmpToo && done && !filter)) return false;
      if (!filter) continue;
      const port = q.natPorts.get(side === 'src-nat' ? 'n' : side === 'dst-nat' ? 'g' : 'j');
      if (port !== undefined && port !== (side === 'src-nat' ? e.reply.dport : e.reply.sport)) return false;
      const hit =
        (side !== 'dst-nat' && e.status.srcNat && inPrefix(e.reply.dst, filter)) ||
        (side !== 'src-nat' && e.status.dstNat && inPrefix(e.reply.src, filter));
      if (!hit) return false;
      continue;
    }
    const ip =
      side === 'orig-src'
        ? e.orig.src
        : side === 'orig-dst'
          ? e.orig.dst
          : side === 'reply-src'
            ? e.reply.src
            : e.reply.dst;
    if (filter && !inPrefix(ip, filter)) return false;
  }
  const ports: Record<string, number> = {
    'orig-sport': e.orig.sport,
    'orig-dport': e.orig.dport,
    'reply-sport': e.reply.sport,
    'reply-dport': e.reply.dport,
  };
  for (const [name, port] of q.ports) if (ports[name] !== port) return false;
  const icmp: Record<string, number | undefined> = { type: e.orig.type, code: e.orig.code, id: e.orig.sport };
  for (const [name, value] of q.icmp) if (icmp[name] !== value) return false;
  if (q.state !== null && e.tcpState !== q.state) return false;
  if (q.mark && (e.mark & q.mark.mask) >>> 0 !== q.mark.value) return false;
  if (q.zone !== null && e.zone !== q.zone) return false;
  return q.status.every((s) => statusHolds(e, s));
}

function statusHolds(e: CtEntry, status: string): boolean {
  switch (status) {
    case 'ASSURED':
      return e.status.assured;
    case 'SEEN_REPLY':
      return e.status.seenReply;
    case 'UNREPLIED':
      return !e.status.seenReply;
    case 'SRC_NAT':
      return e.status.srcNat;
    case 'DST_NAT':
      return e.status.dstNat;
    case 'UNSET':
      return !e.status.assured && !e.status.seenReply;
    default:
      return false;
  }
}

function show(proc: Proc, q: Query, e: CtEntry): string {
  if (q.output.has('xml')) return `${entryXml(proc.world, e)}\n`;
  if (q.output.has('save')) return `${entrySave(proc.world, e)}\n`;
  return `${entryLine(proc.world, e, { extended: q.output.has('extended'), id: q.output.has('id') })}\n`;
}

const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n';

function* usage(error: UsageError): Program {
  yield* printErr(
    `${error.notes}${TITLE}${error.message}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`,
  );
  return 2;
}

/** -I and -A: a connection that is there is an error for the one and none for the other. */
function* add(proc: Proc, q: Query): Program {
  try {
    checkTuple(q, true);
  } catch (error) {
    if (error instanceof UsageError) return yield* usage(error);
    throw error;
  }
  const made = create(proc.world, proc.netns, q);
  if (!made && q.op === 'I') {
    yield* printErr(`${TITLE}Operation failed: Such conntrack exists, try -U to update\n`);
    return 1;
  }
  yield* printErr(`${TITLE}${made ? 1 : 0} flow entries have been ${q.op === 'I' ? 'created' : 'added'}.\n`);
  return 0;
}

/** -U: what -m and -t and the like say is a change here, not a filter. */
function* updateAll(proc: Proc, q: Query): Program {
  const filter = { ...q, mark: null, state: null, status: [], zone: q.zone };
  const chosen = liveEntries(proc.world, proc.netns).filter((e) => fits(e, filter));
  const asks = q.mark !== null || q.timeout !== null || q.state !== null || q.status.length > 0;
  if (chosen.length > 0 && asks && q.family === null) {
    const words = 'Operation failed: Operation not supported\n';
    yield* printErr(`${words}${TITLE}${words}`);
    return 1;
  }
  let done = 0;
  for (const e of asks ? chosen : []) {
    if (!update(proc.world, proc.netns, e, q)) {
      yield* printErr('Operation failed: No such file or directory\n');
      continue;
    }
    done++;
    yield* print(show(proc, q, e).replace(/ use=1\b/, ' use=2'));
  }
  yield* printErr(`${TITLE}${done} flow entries have been updated.\n`);
  return done > 0 ? 0 : 1;
}

function* run(proc: Proc): Program {
  let q: Query;
  try {
    q = readQuery(proc.argv.slice(1));
  } catch (error) {
    if (error instanceof NotModelled) return yield* notModelled(error.message);
    if (!(error instanceof UsageError)) throw error;
    return yield* usage(error);
  }
  yield* printErr(q.notes.join(''));
  if (q.table.startsWith('e') && 'DIAUG'.includes(q.op || '-')) {
    if (!q.addresses.has('orig-src'))
      return yield* usage(new UsageError("You need to supply the `--src' option for this command"));
    return yield* notModelled(`conntrack -${q.op} expect`);
  }
  const { world, netns: ns } = proc;
  switch (q.op) {
    case '':
    case 'h':
      yield* print(HELP);
      return 0;
    case 'V':
      yield* print('conntrack v1.4.7 (conntrack-tools)\n');
      return 0;
    case 'S':
      yield* print(q.table.startsWith('e') ? expectStatsText(proc.host.cpus) : statsText(ns, proc.host.cpus));
      return 0;
    case 'C':
      yield* print(`${q.table.startsWith('e') ? 0 : conntrackCount(world, ns)}\n`);
      return 0;
    case 'F':
      if (q.table.startsWith('e')) yield* printErr(`${TITLE}expectation table has been emptied.\n`);
      else {
        for (const e of liveEntries(world, ns)) notify(world, ns, 'DESTROY', e);
        flushEntries(ns);
        yield* printErr(`${TITLE}connection tracking table has been emptied.\n`);
      }
      return 0;
    case 'L':
      return yield* list(proc, q);
    case 'D':
      return yield* remove(proc, q);
    case 'G':
      return yield* get(proc, q);
    case 'E':
      return yield* events(proc, q);
    case 'I':
    case 'A':
      return yield* add(proc, q);
    case 'U':
      return yield* updateAll(proc, q);
    default:
      return yield* notModelled(`conntrack -${q.op}`);
  }
}

function* list(proc: Proc, q: Query): Program {
  // Names of labels are read from /etc/xtables/connlabel.conf, which is not there.
  if (q.table.startsWith('e')) {
    yield* printErr(`${TITLE}0 expectations have been shown.\n`);
    return 0;
  }
  const chosen = q.table.startsWith('c') ? liveEntries(proc.world, proc.netns).filter((e) => fits(e, q)) : [];
  if (q.status.includes('UNSET')) {
    yield* printErr(`${TITLE}Operation failed: invalid parameters\n`);
    return 1;
  }
  let text = chosen.map((e) => show(proc, q, e)).join('');
  if (q.output.has('xml') && chosen.length > 0) text = `${XML_HEAD}${text}</conntrack>\n`;
  if (q.zero) for (const e of chosen) e.packets = [0, 0];
  if (q.zero) for (const e of chosen) e.bytes = [0, 0];
  yield* printThenErr(proc, text, `${TITLE}${chosen.length} flow entries have been shown.\n`);
  return 0;
}

function* remove(proc: Proc, q: Query): Program {
  const chosen = liveEntries(proc.world, proc.netns).filter((e) => fits(e, q));
  let text = '';
  for (const e of chosen) {
    text += show(proc, q, e);
    notify(proc.world, proc.netns, 'DESTROY', e);
    removeEntry(proc.netns, e);
  }
  yield* printThenErr(proc, text, `${TITLE}${chosen.length} flow entries have been deleted.\n`);
  return chosen.length > 0 ? 0 : 1;
}

function* get(proc: Proc, q: Query): Program {
  try {
    checkTuple(q, false);
  } catch (error) {
    if (error instanceof UsageError) return yield* usage(error);
    throw error;
  }
  const found = liveEntries(proc.world, proc.netns).find((e) => fits(e, q));
  if (!found) {
    yield* printErr(`${TITLE}Operation failed: such conntrack doesn't exist\n`);
    return 1;
  }
  const text = show(proc, q, found).replace(/ use=1\b/, ' use=2');
  yield* printThenErr(proc, text, `${TITLE}1 flow entries have been shown.\n`);
  return 0;
}

const EVENT_MASK: Record<CtEvent['type'], string> = { NEW: 'NEW', UPDATE: 'UPDATES', DESTROY: 'DESTROY' };

function* events(proc: Proc, q: Query): Program {
  if (q.table.startsWith('e') || q.output.has('xml') || q.output.has('timestamp'))
    return yield* notModelled(`conntrack -E ${[...q.output].join(',') || q.table}`);
  const feed = subscribe(proc.netns);
  proc.atExit.push(() => feed.close());
  const wanted = (type: CtEvent['type']) =>
    q.events.size === 0 || q.events.has('ALL') || q.events.has(EVENT_MASK[type]);
  for (;;) {
    yield* waitFor(feed.pending);
    for (const event of feed.take()) {
      if (!wanted(event.type) || !fits(event.entry, q)) continue;
      yield* print(`${`[${event.type}]`.padStart(9)} ${event.text}\n`);
    }
  }
}

export const command = defineCommand({
  name: 'conntrack',
  dir: '/usr/sbin',
  summary: 'connection tracking table',
  images: ['node', 'netshoot'],
  options: [
    '-L',
    '-D',
    '-F',
    '-C',
    '-S',
    '-G',
    '-E',
    '-I',
    '-A',
    '-U',
    '-t',
    '-p',
    '-s',
    '-d',
    '-r',
    '-q',
    '-f',
    '-m',
    '-u',
    '-o',
    '-n',
    '-g',
    '-j',
    '-w',
    '-z',
    '-e',
  ].map((flag) => ({ flag, modelled: true })),
  notModelled: ['--id', '-R'],
  run,
});
