/** /proc/net/snmp and /proc/net/sockstat: net/ipv4/proc.c. */
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs, Socket } from '../types.ts';

const GROUPS: readonly [string, string][] = [
  [
    'Ip',
    'Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits',
  ],
  [
    'Icmp',
    'InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps',
  ],
  [
    'Tcp',
    'RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors',
  ],
  ['Udp', 'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors'],
  [
    'UdpLite',
    'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors',
  ],
];

const socketsOf = (ns: NetNs, kind: Socket['kind']): Socket[] =>
  [...ns.sockets.values()].filter((s) => s.kind === kind);

/** What is not counted but looked up. */
function fixed(ns: NetNs, key: string): number | null {
  switch (key) {
    case 'Ip.Forwarding':
      return sysctlNum(ns, 'net.ipv4.ip_forward') ? 1 : 2;
    case 'Ip.DefaultTTL':
      return sysctlNum(ns, 'net.ipv4.ip_default_ttl');
    case 'Tcp.RtoAlgorithm':
      return 1;
    case 'Tcp.RtoMin':
      return 200;
    case 'Tcp.RtoMax':
      return 120000;
    case 'Tcp.MaxConn':
      return -1;
    case 'Tcp.CurrEstab':
      return socketsOf(ns, 'tcp').filter((s) => s.tcp?.state === 'ESTABLISHED' || s.tcp?.state === 'CLOSE_WAIT').length;
    default:
      return null;
  }
}

/** /proc/net/snmp. */
export function snmpFile(ns: NetNs): string {
  let text = '';
  for (const [group, names] of GROUPS) {
    const list = names.split(' ');
    text += `${group}: ${names}\n${group}: ${list.map((n) => fixed(ns, `${group}.${n}`) ?? ns.snmp.get(`${group}.${n}`) ?? 0).join(' ')}\n`;
  }
  return text;
}

/** /proc/net/sockstat. */
export function sockstatFile(ns: NetNs): string {
  const tcp = socketsOf(ns, 'tcp');
  const waiting = tcp.filter((s) => s.tcp?.state === 'TIME_WAIT').length;
  const v4 = (kind: Socket['kind']) => socketsOf(ns, kind).filter((s) => s.family === 4).length;
  return [
    `sockets: used ${ns.sockets.size}`,
    `TCP: inuse ${tcp.filter((s) => s.family === 4).length - waiting} orphan 0 tw ${waiting} alloc ${tcp.length} mem 0`,
    `UDP: inuse ${v4('udp')} mem 0`,
    'UDPLITE: inuse 0',
    `RAW: inuse ${v4('raw')}`,
    'FRAG: inuse 0 memory 0',
    '',
  ].join('\n');
}
