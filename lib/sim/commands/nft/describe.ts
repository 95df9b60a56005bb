/** nft describe: what a selector or a type is. */

import { HEADER_FIELDS } from '../../linux/netfilter/nft/headers.ts';
import { allProtocols } from '../../linux/netfilter/services.ts';
import type { Raw } from './ast.ts';
import type { Command } from './command.ts';
import { TYPES, typeOf } from './datatypes.ts';
import { SYMBOLS } from './symbols.ts';

const HEXADECIMAL = new Set(['dscp', 'ecn', 'tcp_flag', 'ct_state', 'ct_status', 'ct_event', 'ether_type', 'arp_op']);

const PACKET_KINDS: Readonly<Record<string, string>> = {
  meta: 'meta',
  ct: 'ct',
  fib: 'fib',
  rt: 'rt',
  socket: 'socket',
  osf: 'osf',
};

function kindOf(name: string): string {
  if (HEADER_FIELDS.has(name)) return 'payload';
  const head = name.split(' ')[0] ?? '';
  if (name.includes(' option ') || ['exthdr', 'hbh', 'frag', 'dst', 'mh', 'srh'].includes(head)) return 'exthdr';
  return PACKET_KINDS[head] ?? 'meta';
}

function bases(type: string): string {
  const spec = typeOf(type);
  if (type === 'integer' || type === 'verdict' || type === 'invalid' || type === 'string') return '';
  if (spec.base === 'bitmask') return ' (basetype bitmask, integer)';
  if (spec.base === 'lladdr') return ' (basetype link layer address, integer)';
  return ` (basetype ${spec.base === 'string' ? 'string' : 'integer'})`;
}

function symbols(type: string, bits: number, swapped: boolean): string {
  if (type === 'inet_proto')
    return allProtocols()
      .map(([n, v]) => `\t${n.padEnd(30)}\t${v}\n`)
      .join('');
  const table = SYMBOLS[type];
  if (!table?.length || ['mark', 'devgroup', 'realm', 'ct_label'].includes(type)) return '';
  const hex = HEXADECIMAL.has(type);
  const width = bits <= 8 ? 2 : bits <= 16 ? 4 : 8;
  const value = (v: number) => {
    const n = swapped && (type === 'arp_op' || type === 'ether_type') ? ((v & 0xff) << 8) | (v >> 8) : v;
    return hex ? `0x${n.toString(16).padStart(width, '0')}` : String(n).padStart(20);
  };
  const lines = table.map(([n, v]) => `\t${n.padEnd(30)}\t${value(v)}\n`).join('');
  return `\npre-defined symbolic constants (in ${hex ? 'hexadecimal' : 'decimal'}):\n${lines}`;
}

/** The text of `nft describe …`. */
export function describeText(cmd: Command): string {
  const raw = cmd.of as Raw;
  if (raw.k === 'sym') {
    const type = TYPES[raw.text] && raw.text !== 'date' && raw.text !== 'ct_label' ? raw.text : null;
    if (!type) return 'symbol expression, datatype invalid (invalid)';
    const spec = typeOf(type);
    return `datatype ${type} (${spec.desc})${bases(type)}, ${spec.bits} bits\n${symbols(type, spec.bits, true)}`;
  }
  if (raw.k === 'numgen') return 'numgen expression, datatype integer (integer), 32 bits\n';
  if (raw.k === 'hash') return 'hash expression, datatype integer (integer), 32 bits\n';
  if (raw.k !== 'field') return 'symbol expression, datatype invalid (invalid)';
  const { name, type, bits } = raw.field;
  if (type === 'invalid') return `${kindOf(name)} expression, datatype invalid (invalid)`;
  const spec = typeOf(type);
  const size = spec.base === 'string' ? `${bits / 8} characters` : `${bits} bits`;
  const shown = type === 'date' ? 'time' : type;
  return `${kindOf(name)} expression, datatype ${shown} (${spec.desc})${bases(type)}, ${size}\n${symbols(type, bits, false)}`;
}
