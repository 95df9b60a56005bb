/** Every target by name. A new one is a file here and a line below. */
import type { TargetExt } from '../ext.ts';
import { audit } from './audit.ts';
import { checksum } from './checksum.ts';
import { classify } from './classify.ts';
import { connmark } from './connmark.ts';
import { ct, notrack } from './ct.ts';
import { dscp } from './dscp.ts';
import { ecn } from './ecn.ts';
import { log } from './log.ts';
import { mark } from './mark.ts';
import { dnat, masquerade, netmap, redirect, snat } from './nat.ts';
import { nflog } from './nflog.ts';
import { nfqueue } from './nfqueue.ts';
import { reject } from './reject.ts';
import { set } from './set.ts';
import { tcpmss } from './tcpmss.ts';
import { tcpoptstrip } from './tcpoptstrip.ts';
import { tos } from './tos.ts';
import { tproxy } from './tproxy.ts';
import { trace } from './trace.ts';
import { hl, ttl } from './ttl.ts';
import { accept, drop, queue, returnTarget } from './verdict.ts';

const ALL = [
  accept,
  audit,
  checksum,
  classify,
  ecn,
  nfqueue,
  tcpoptstrip,
  connmark,
  ct,
  dnat,
  drop,
  dscp,
  hl,
  log,
  mark,
  masquerade,
  netmap,
  nflog,
  notrack,
  queue,
  redirect,
  reject,
  returnTarget,
  set,
  snat,
  tcpmss,
  tos,
  tproxy,
  trace,
  ttl,
];

export const TARGETS: ReadonlyMap<string, TargetExt> = new Map(ALL.map((t) => [t.name, t]));

/** Targets that exist in iptables 1.8.9 and are not modelled. */
export const TARGETS_NOT_MODELLED: ReadonlySet<string> = new Set(
  'CLUSTERIP CONNSECMARK HMARK IDLETIMER LED RATEEST SECMARK SYNPROXY TEE DNPT SNPT'.split(' '),
);
