/** GRE as print-gre.c prints it: RFC 2784, 2890. */

import { greChecksum } from '../../../packet/bytes.ts';
import type { Packet } from '../../../packet/packet.ts';
import { ETH_IP, ETH_IP6, ETH_TEB, l4Length } from '../../../packet/packet.ts';
import type { PrintContext } from './context.ts';
import { etherTypeName, printFrame } from './frame.ts';
import { printIp } from './ip.ts';

const CSUM = 0x8000;
const KEY = 0x2000;
const SEQ = 0x1000;

/** Its flags, numbers and payload. */
export function printGre(c: PrintContext, p: Packet, inner: Packet): string {
  const { flags, key, seq } = p.gre ?? { flags: 0, key: 0, seq: 0 };
  const { verbose, link } = c.options;
  let out = 'GREv0';
  if (verbose) {
    const names = [
      flags & CSUM && 'checksum present',
      flags & KEY && 'key present',
      flags & SEQ && 'sequence# present',
    ].filter(Boolean);
    out += `, Flags [${names.join(', ') || 'none'}]`;
  }
  if (flags & CSUM) {
    if (verbose) out += `, sum 0x${greChecksum(p).toString(16)}`;
    out += ', off 0x0';
  }
  if (flags & KEY) out += `, key=0x${key.toString(16)}`;
  if (flags & SEQ) out += `, seq ${seq}`;
  const type = inner.eth ? ETH_TEB : typeof inner.ip?.src === 'bigint' ? ETH_IP6 : ETH_IP;
  if (link) out += `, proto ${etherTypeName(type)}`;
  out += `, length ${l4Length(p)}${verbose ? '\n\t' : ': '}`;
  return out + (inner.eth ? printFrame(c, inner) : printIp(c, inner, !link));
}
