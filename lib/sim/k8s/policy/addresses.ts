/** Addresses of endpoints in order: a block of addresses is a range of them. */
import { bitsOf, familyOf, type Ip, inPrefix, maskOf, network, type Prefix } from '../../addr/ip.ts';
import { type Bits, setBit } from './bits.ts';
import type { Endpoint } from './contract.ts';

const lastOf = ({ ip, len }: Prefix): Ip => {
  const first = network(ip, len);
  if (typeof first === 'bigint') return first | ((1n << BigInt(bitsOf(first) - len)) - 1n);
  return (first | ~(maskOf(4, len) as number)) >>> 0;
};

/** Sorted addresses of one family, and whose they are. */
interface Sorted {
  ips: Ip[];
  owners: number[];
}

/** The first place whose address is not below `ip`. */
function lowerBound(ips: readonly Ip[], ip: Ip): number {
  let low = 0;
  let high = ips.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ips[middle] as Ip) < ip) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sets the bits of endpoints with an address in a block and outside of its exceptions. */
export function addressIndex(
  endpoints: readonly Endpoint[],
): (into: Bits, block: Prefix, except: readonly Prefix[]) => void {
  const sorted = (family: 4 | 6): Sorted => {
    const pairs = endpoints.flatMap((end, i) =>
      end.ips.filter((ip) => familyOf(ip) === family).map((ip) => ({ ip, i })),
    );
    pairs.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.i - b.i));
    return { ips: pairs.map(({ ip }) => ip), owners: pairs.map(({ i }) => i) };
  };
  const families = { 4: sorted(4), 6: sorted(6) };
  return (into, block, except) => {
    const { ips, owners } = families[familyOf(block.ip)];
    const last = lastOf(block);
    for (let at = lowerBound(ips, network(block.ip, block.len)); at < ips.length; at++) {
      const ip = ips[at] as Ip;
      if (ip > last) return;
      if (except.length === 0 || !except.some((range) => inPrefix(ip, range))) setBit(into, owners[at] as number);
    }
  };
}
