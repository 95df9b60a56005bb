/** Counters, limits and quotas as nft writes them. */
import type { NftLimit, NftQuota, NftStmt } from '../../linux/netfilter/nft/types.ts';

/** Bytes in the largest unit that divides them. */
export function sizeText(bytes: number): string {
  let n = bytes;
  const units = ['bytes', 'kbytes', 'mbytes'];
  let i = 0;
  while (n > 0 && n % 1024 === 0 && i < 2) {
    n /= 1024;
    i++;
  }
  return `${n} ${units[i]}`;
}

export function limitText(s: NftLimit): string {
  const over = s.over ? 'over ' : '';
  if (s.bytes)
    return `limit rate ${over}${sizeText(s.rate)}/${s.unit}${s.burst > 0 ? ` burst ${sizeText(s.burst)}` : ''}`;
  return `limit rate ${over}${s.rate}/${s.unit}${s.burst > 0 && s.burst !== 5 ? ` burst ${s.burst} packets` : ''}`;
}

export const quotaText = (s: NftQuota, stateless: boolean): string =>
  `quota ${s.over ? 'over ' : ''}${sizeText(s.limit)}${s.used && !stateless ? ` used ${sizeText(s.used)}` : ''}`;

export function stateText(s: NftStmt, o: { stateless: boolean }): string {
  switch (s.kind) {
    case 'counter':
      return o.stateless ? 'counter' : `counter packets ${s.packets} bytes ${s.bytes}`;
    case 'limit':
      return limitText(s);
    case 'quota':
      return quotaText(s, o.stateless);
    case 'connlimit':
      return `ct count ${s.over ? 'over ' : ''}${s.count}`;
    default:
      return '';
  }
}
