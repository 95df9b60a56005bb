/** Names in a host's /etc/hosts: all that rule parsing and listing resolve. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Host } from '../../kernel/world.ts';

function lines(host: Host | undefined): string[][] {
  const etc = host?.fs.entries.get('etc');
  const file = etc?.type === 'dir' ? etc.entries.get('hosts') : undefined;
  if (file?.type !== 'file') return [];
  return file.data
    .split('\n')
    .map((line) => (line.split('#')[0] ?? '').trim().split(/\s+/))
    .filter((words) => words.length > 1);
}

/** The address of a name. Null when /etc/hosts has none of that family. */
export function hostAddress(host: Host | undefined, name: string, family: 4 | 6): Ip | null {
  for (const [address = '', ...names] of lines(host)) {
    const ip = parseIp(address);
    if (ip !== null && (typeof ip === 'bigint') === (family === 6) && names.includes(name)) return ip;
  }
  return null;
}

/** The canonical name of an address, or null. */
export function hostName(host: Host | undefined, ip: Ip): string | null {
  for (const [address = '', name] of lines(host)) if (parseIp(address) === ip) return name ?? null;
  return null;
}
