/** Connections as text: conntrack -L, its xml and save forms, and /proc/net/nf_conntrack. */
import { formatIp } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { CtEntry, CtTuple } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { liveEntries } from './table.ts';

export const PROTO_NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  47: 'gre',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

const protoName = (proto: number): string => PROTO_NAMES[proto] ?? 'unknown';

/** Seconds until it expires. */
export const secondsLeft = (world: World, e: CtEntry): number =>
  Math.max(0, Math.floor((e.expires - world.now) / 1_000_000));

function tupleFields(t: CtTuple): string {
  const head = `src=${formatIp(t.src)} dst=${formatIp(t.dst)}`;
  if (t.type !== undefined) return `${head} type=${t.type} code=${t.code} id=${t.sport}`;
  return PROTO_NAMES[t.proto] ? `${head} sport=${t.sport} dport=${t.dport}` : head;
}

export interface LineOptions {
  extended?: boolean;
  id?: boolean;
  /** Events say less: no mark, no use. */
  event?: boolean;
  /** `zone=0 use=2`, as /proc shows them. */
  proc?: boolean;
}

/** One connection on a line, without its newline. */
export function entryLine(world: World, e: CtEntry, o: LineOptions = {}): string {
  const family = typeof e.orig.src === 'bigint' ? 'ipv6     10 ' : 'ipv4     2 ';
  const counts = (side: 0 | 1) => (e.acct ? ` packets=${e.packets[side]} bytes=${e.bytes[side]}` : '');
  let text = o.extended || o.proc ? family : '';
  text += `${protoName(e.orig.proto).padEnd(8)} ${e.orig.proto} ${secondsLeft(world, e)} `;
  if (e.tcpState !== '') text += `${e.tcpState} `;
  text += `${tupleFields(e.orig)}${counts(0)} `;
  if (!e.status.seenReply) text += '[UNREPLIED] ';
  text += `${tupleFields(e.reply)}${counts(1)}`;
  if (e.status.assured) text += ' [ASSURED]';
  if (o.event) return text;
  text += ` mark=${e.mark}`;
  const age = e.stamped ? ` delta-time=${Math.floor((world.now - (e.started ?? world.now)) / 1_000_000)}` : '';
  if (o.proc) return `${text} zone=${e.zone}${age} use=2`;
  if (e.zone) text += ` zone=${e.zone}`;
  text += `${age} use=1`;
  return o.id ? `${text} id=${e.id}` : text;
}

/** The text of /proc/net/nf_conntrack. */
export const procConntrack = (world: World, ns: NetNs): string =>
  liveEntries(world, ns)
    .map((e) => `${entryLine(world, e, { proc: true })}\n`)
    .join('');

function xmlTuple(direction: string, t: CtTuple, e: CtEntry, side: 0 | 1): string {
  const six = typeof t.src === 'bigint';
  const l3 = `<layer3 protonum="${six ? 10 : 2}" protoname="${six ? 'ipv6' : 'ipv4'}"><src>${formatIp(t.src)}</src><dst>${formatIp(t.dst)}</dst></layer3>`;
  const ports = t.type === undefined ? `<sport>${t.sport}</sport><dport>${t.dport}</dport>` : '';
  const counts = e.acct
    ? `<counters><packets>${e.packets[side]}</packets><bytes>${e.bytes[side]}</bytes></counters>`
    : '';
  return `<meta direction="${direction}">${l3}<layer4 protonum="${t.proto}" protoname="${protoName(t.proto)}">${ports}</layer4>${counts}</meta>`;
}

/** One `<flow>` of conntrack -o xml. */
export function entryXml(world: World, e: CtEntry): string {
  const state = e.tcpState === '' ? '' : `<state>${e.tcpState}</state>`;
  const flags = `${e.status.seenReply ? '' : '<unreplied/>'}${e.status.assured ? '<assured/>' : ''}`;
  const rest = `<timeout>${secondsLeft(world, e)}</timeout><mark>${e.mark}</mark>${e.zone ? `<zone>${e.zone}</zone>` : ''}<use>1</use><id>${e.id}</id>`;
  return `<flow>${xmlTuple('original', e.orig, e, 0)}${xmlTuple('reply', e.reply, e, 1)}<meta direction="independent">${state}${rest}${flags}</meta></flow>`;
}

/** One line of conntrack -o save. */
export function entrySave(world: World, e: CtEntry): string {
  const status =
    [e.status.seenReply && 'SEEN_REPLY', e.status.assured && 'ASSURED'].filter(Boolean).join(',') || 'UNSET';
  const { orig, reply } = e;
  let text = `-A -t ${secondsLeft(world, e)} -u ${status}${e.zone ? ` -w ${e.zone}` : ''} -s ${formatIp(orig.src)} -d ${formatIp(orig.dst)} ${e.status.dstNat ? '-g' : '-r'} ${formatIp(reply.src)} ${e.status.srcNat ? '-n' : '-q'} ${formatIp(reply.dst)} -p ${protoName(orig.proto)}`;
  if (orig.type !== undefined)
    return `${text} --icmp-type ${orig.type} --icmp-code ${orig.code} --icmp-id ${orig.sport}`;
  text += ` --sport ${orig.sport} --dport ${orig.dport} --reply-port-src ${reply.sport} --reply-port-dst ${reply.dport}`;
  return e.tcpState === '' ? text : `${text} --state ${e.tcpState}`;
}

/** The lines of conntrack -S expect: the model has no helpers. */
export const expectStatsText = (cpus: number): string =>
  Array.from({ length: cpus }, (_, cpu) => `cpu=${cpu}   \texpect_new=0 expect_create=0 expect_delete=0 \n`).join('');

/** The lines of conntrack -S: one a CPU, the model counts on the first. */
export function statsText(ns: NetNs, cpus: number): string {
  const names = [
    'found',
    'invalid',
    'insert',
    'insert_failed',
    'drop',
    'early_drop',
    'error',
    'search_restart',
    'clash_resolve',
    'chaintoolong',
  ];
  let text = '';
  for (let cpu = 0; cpu < cpus; cpu++) {
    text += `cpu=${cpu}   \t${names.map((n) => `${n}=${cpu === 0 ? (ns.ct.stats[n] ?? 0) : 0} `).join('')}\n`;
  }
  return text;
}
