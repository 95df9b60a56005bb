/** Targets that only people write: loaded with the programs. */
import { audit } from './audit.ts';
import { checksum } from './checksum.ts';
import { classify } from './classify.ts';
import { connmark } from './connmark.ts';
import { ct, notrack } from './ct.ts';
import { dscp } from './dscp.ts';
import { ecn } from './ecn.ts';
import { log } from './log.ts';
import { netmap } from './nat.ts';
import { nflog } from './nflog.ts';
import { nfqueue } from './nfqueue.ts';
import { addTargets } from './registry.ts';
import { set } from './set.ts';
import { tcpmss } from './tcpmss.ts';
import { tcpoptstrip } from './tcpoptstrip.ts';
import { tee } from './tee.ts';
import { tos } from './tos.ts';
import { tproxy } from './tproxy.ts';
import { trace } from './trace.ts';
import { hl, ttl } from './ttl.ts';

addTargets([
  audit,
  checksum,
  classify,
  ecn,
  nfqueue,
  tcpoptstrip,
  connmark,
  ct,
  dscp,
  hl,
  log,
  netmap,
  nflog,
  notrack,
  set,
  tcpmss,
  tee,
  tos,
  tproxy,
  trace,
  ttl,
]);
