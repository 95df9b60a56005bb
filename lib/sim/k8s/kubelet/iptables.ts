/** The chains that the kubelet keeps on a node. Source: pkg/kubelet/kubelet_network_linux.go of 1.34. */
import type { World } from '../../kernel/world.ts';
import { ensureCanaries, ensureChains, ensureRules } from '../../linux/netfilter/ensure-rules.ts';
import type { NetNs } from '../../linux/types.ts';

/** Makes what is missing of them: its canaries, the hint which backend is used, the guard of the loopback addresses. */
export function ensureKubeletRules(world: World, ns: NetNs): void {
  for (const family of ['ip', 'ip6'] as const) {
    ensureChains(world, ns, 'mangle', ['KUBE-IPTABLES-HINT'], family);
    ensureCanaries(world, ns, 'KUBE-KUBELET-CANARY', family);
  }
  ensureChains(world, ns, 'filter', ['KUBE-FIREWALL']);
  ensureRules(world, ns, [
    { table: 'filter', chain: 'OUTPUT', rule: '-j KUBE-FIREWALL', prepend: true },
    { table: 'filter', chain: 'INPUT', rule: '-j KUBE-FIREWALL', prepend: true },
    {
      table: 'filter',
      chain: 'KUBE-FIREWALL',
      rule: '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    },
  ]);
}
