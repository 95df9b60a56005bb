/** The modes of kube-proxy on Linux, by the name that the configuration gives them. */
import { iptablesMode } from './iptables/index.ts';
import { ipvsMode } from './ipvs/index.ts';
import type { ProxyMode } from './mode.ts';
import { nftablesMode } from './nftables/index.ts';

export const modes: readonly ProxyMode[] = [iptablesMode, ipvsMode, nftablesMode];

/** The mode of a name; '' is iptables. */
export const findMode = (name: string): ProxyMode | undefined =>
  name === '' ? iptablesMode : modes.find((mode) => mode.name === name);

/**
 * What the start of a mode removes: nftables those that use iptables, and these nftables; between iptables and IPVS everything
 * stays. Source: platformCleanup of cmd/kube-proxy/app/server_linux.go of 1.34.
 */
export const leftoversOf = (mode: ProxyMode): readonly ProxyMode[] =>
  modes.filter((other) => (other.name === 'nftables') !== (mode.name === 'nftables'));
