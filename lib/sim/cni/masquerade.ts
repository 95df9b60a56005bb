/** ipMasq: a chain for each container in nat POSTROUTING. Source: containernetworking/plugins pkg/ip/ipmasq_linux.go, pkg/utils. */
import { formatIp, parsePrefix } from '../addr/ip.ts';
import type { World } from '../kernel/world.ts';
import { restore } from '../linux/netfilter/restore.ts';
import type { IfAddr, NetNs } from '../linux/types.ts';
import { sha512 } from '../text/sha2.ts';
import { type CniCall, internal } from './contract.ts';

const MAX_CHAIN = 28;

/** `CNI-` and as much of the hash as fits. */
export const chainName = (network: string, containerId: string, prefix = ''): string =>
  `CNI-${prefix}${sha512(network + containerId)}`.slice(0, MAX_CHAIN);

const comment = (call: CniCall): string =>
  `-m comment --comment "name: \\"${call.config.name}\\" id: \\"${call.containerId}\\""`;

/** Masquerades what leaves the address's own subnet. */
export function addMasquerade(world: World, ns: NetNs, call: CniCall, address: string): void {
  const prefix = parsePrefix(address);
  if (!prefix) throw internal(`invalid CIDR address: ${address}`);
  const v6 = typeof prefix.ip === 'bigint';
  const chain = chainName(call.config.name ?? '', call.containerId);
  const text = [
    '*nat',
    `:${chain} - [0:0]`,
    `-A ${chain} -d ${address} ${comment(call)} -j ACCEPT`,
    `-A ${chain} ! -d ${v6 ? 'ff00::/8' : '224.0.0.0/4'} ${comment(call)} -j MASQUERADE`,
    `-A POSTROUTING -s ${formatIp(prefix.ip)} ${comment(call)} -j ${chain}`,
    'COMMIT',
    '',
  ].join('\n');
  const error = restore(world, ns, v6 ? 'ip6' : 'ip', text, { noflush: true });
  if (error) throw internal(error.trim());
}

/** Takes the container's chain away; what is already gone is no error. */
export function removeMasquerade(world: World, ns: NetNs, call: CniCall, addresses: readonly IfAddr[]): void {
  const chain = chainName(call.config.name ?? '', call.containerId);
  for (const { local } of addresses) {
    restore(
      world,
      ns,
      typeof local === 'bigint' ? 'ip6' : 'ip',
      `*nat\n-D POSTROUTING -s ${formatIp(local)} ${comment(call)} -j ${chain}\n-F ${chain}\n-X ${chain}\nCOMMIT\n`,
      { noflush: true },
    );
  }
}
