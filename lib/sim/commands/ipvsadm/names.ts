/** Names of addresses as gethostbyaddr(3) finds them in /etc/hosts. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';

/** The first name of every address in /etc/hosts. */
export function hostNames(proc: Proc): Map<Ip, string> {
  const names = new Map<Ip, string>();
  const file = vfsOf(proc).readFile('/etc/hosts');
  if (!file.ok) return names;
  for (const line of file.value.split('\n')) {
    const [address = '', name] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIp(address);
    if (ip !== null && name !== undefined && !names.has(ip)) names.set(ip, name);
  }
  return names;
}
