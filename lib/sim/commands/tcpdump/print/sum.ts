/** Internet checksums as the printers verify them: in_cksum.c, RFC 1071. */
import type { Dissector } from './dissector.ts';

/** Sum of 16-bit words, folded. */
export function foldedSum(bytes: string): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes.charCodeAt(i) << 8) | (bytes.charCodeAt(i + 1) || 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return sum;
}

/** in_cksum(): 0 when the bytes, their checksum included, are right. */
export const residue = (bytes: string): number => ~foldedSum(bytes) & 0xffff;

/** What the checksum field should hold, given what it holds and the residue. */
export function shouldBe(there: number, rest: number): number {
  let sum = there + (rest & 0xffff);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** The pseudo header of an IP packet at `ip`, for a payload of `length` bytes. */
export function pseudoHeader(d: Dissector, ip: number, proto: number, length: number): string {
  const u16 = (n: number) => String.fromCharCode((n >> 8) & 255, n & 255);
  if (d.u8(ip) >> 4 === 4) return d.slice(ip + 12, 8) + u16(proto) + u16(length);
  return d.slice(ip + 8, 32) + u16(length >>> 16) + u16(length) + u16(0) + u16(proto);
}
