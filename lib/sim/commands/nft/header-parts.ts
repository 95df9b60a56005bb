/** Extension headers, TCP and IP options, SCTP chunks: what nft calls by name inside a header. */
import type { NftField } from '../../linux/netfilter/nft/types.ts';
import type { Raw } from './ast.ts';
import type { Cursor } from './cursor.ts';

export const field = (name: string, type: string, bits: number): NftField => ({ name, type, bits });

/** Extension headers of IPv6: fields as `name:type:offset:bits`. */
export const EXTHDRS: Readonly<Record<string, string>> = {
  hbh: 'nexthdr:inet_proto:0:8 hdrlength:integer:8:8',
  rt: 'nexthdr:inet_proto:0:8 hdrlength:integer:8:8 type:integer:16:8 seg-left:integer:24:8',
  frag: 'nexthdr:inet_proto:0:8 reserved:integer:8:8 frag-off:integer:16:13 reserved2:integer:29:2 more-fragments:integer:31:1 id:integer:32:32',
  dst: 'nexthdr:inet_proto:0:8 hdrlength:integer:8:8',
  mh: 'nexthdr:inet_proto:0:8 hdrlength:integer:8:8 type:mh_type:16:8 reserved:integer:24:8 checksum:integer:32:16',
  srh: 'flags:integer:40:8 tag:integer:48:16',
};

/** TCP options: the fields, `length` is in most. */
const TCP_OPTIONS: Readonly<Record<string, string>> = {
  eol: '',
  nop: '',
  maxseg: 'length:8 size:16',
  window: 'length:8 count:8',
  'sack-perm': 'length:8',
  sack: 'length:8 left:32 right:32',
  sack0: 'length:8 left:32 right:32',
  sack1: 'left:32 right:32',
  sack2: 'left:32 right:32',
  sack3: 'left:32 right:32',
  timestamp: 'length:8 tsval:32 tsecr:32',
  fastopen: 'length:8',
  md5sig: 'length:8',
  mptcp: 'length:8 subtype:4',
};
const OPTION_ALIASES: Readonly<Record<string, string>> = { mss: 'maxseg', noop: 'nop', 'sack-permitted': 'sack-perm' };
const IP_OPTIONS: Readonly<Record<string, string>> = {
  lsrr: 'type:8 length:8 ptr:8 addr:32',
  rr: 'type:8 length:8 ptr:8 addr:32',
  ssrr: 'type:8 length:8 ptr:8 addr:32',
  ra: 'type:8 length:8 value:16',
};

export function exthdr(c: Cursor, start: number, header: string): Raw {
  return c.scoped(header === 'srh' ? 'rt' : header, () => {
    const fields = (EXTHDRS[header] ?? '').split(' ').map((f) => f.split(':'));
    const found = fields.find(([name]) => name === c.token.text);
    if (!found) c.unexpected();
    c.next();
    return {
      k: 'field',
      field: field(`${header} ${found[0]}`, found[1] as string, Number(found[3])),
      proto: 'exthdr',
      span: c.since(start),
    };
  });
}

export function option(c: Cursor, start: number, proto: 'tcp' | 'ip'): Raw {
  const table = proto === 'tcp' ? TCP_OPTIONS : IP_OPTIONS;
  const number = c.token.kind === 'number';
  const name = OPTION_ALIASES[c.token.text] ?? c.token.text;
  if (!number && table[name] === undefined) c.unexpected();
  c.next();
  const fields = (table[name] ?? 'length:8').split(' ').map((f) => f.split(':'));
  const found = number ? undefined : fields.find(([f]) => f === c.token.text && f !== '');
  const span = () => c.since(start);
  const at = `${proto} option ${name}`;
  if (!found) return { k: 'field', field: field(at, 'boolean', 1), proto: 'option', span: span() };
  c.next();
  return {
    k: 'field',
    field: field(`${at} ${found[0]}`, found[0] === 'addr' ? 'ipv4_addr' : 'integer', Number(found[1])),
    proto: 'option',
    span: span(),
  };
}

/** Chunks of SCTP (RFC 9260): the fields that all have, and each one's own. */
const CHUNKS: Readonly<Record<string, string>> = {
  data: 'tsn:32 stream:16 ssn:16 ppid:32',
  init: 'init-tag:32 a-rwnd:32 num-outbound-streams:16 num-inbound-streams:16 initial-tsn:32',
  'init-ack': 'init-tag:32 a-rwnd:32 num-outbound-streams:16 num-inbound-streams:16 initial-tsn:32',
  sack: 'cum-tsn-ack:32 a-rwnd:32 num-gap-ack-blocks:16 num-dup-tsns:16',
  heartbeat: '',
  'heartbeat-ack': '',
  abort: '',
  shutdown: 'cum-tsn-ack:32',
  'shutdown-ack': '',
  error: '',
  'cookie-echo': '',
  'cookie-ack': '',
  ecne: 'lowest-tsn:32',
  cwr: 'lowest-tsn:32',
  'shutdown-complete': '',
  asconf: 'seqno:32',
  'asconf-ack': 'seqno:32',
  'forward-tsn': 'new-cum-tsn:32',
};

export function chunk(c: Cursor, start: number): Raw {
  const name = c.token.text;
  const own = CHUNKS[name];
  if (own === undefined || c.token.kind !== 'word') c.unexpected();
  c.next();
  const at = `sctp chunk ${name}`;
  const found = `type:8 flags:8 length:16 ${own}`
    .split(' ')
    .map((f) => f.split(':'))
    .find(([f]) => f === c.token.text);
  if (!found) return { k: 'field', field: field(at, 'boolean', 1), proto: 'option', span: c.since(start) };
  c.next();
  return {
    k: 'field',
    field: field(`${at} ${found[0]}`, 'integer', Number(found[1])),
    proto: 'option',
    span: c.since(start),
  };
}
