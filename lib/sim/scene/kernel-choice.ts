/** Which of the two kernels that the recordings come from a script can run on. */
import { DEBIAN_KERNEL } from '../kernel/release.ts';
import type { ScriptStep } from '../run-steps.ts';

/**
 * What kernel 6.18 was built without, as the recordings' description lists it: these link kinds, IPVS, VLAN filtering on
 * bridges. A script that uses one of them can only have run on Debian's kernel, with its modules.
 */
const MODULES_ONLY = [
  /\bl(?:i|in|ink)?\b.*\btype (bond|dummy|erspan|geneve|gre|gretap|ip6gre|ip6tnl|ipip|ipvlan|ipvtap|sit|vlan|vrf|wireguard)\b/,
  /\bip (-\S+ )*(tunnel|vrf)\b/,
  /\b(ipvsadm|wg|modprobe)\b/,
  /\bvlan_filtering 1\b/,
];

/** The kernel of a `bare` machine on which a script can run: undefined for the scenario's own. */
export const kernelFor = (steps: readonly Pick<ScriptStep, 'cmd'>[]): string | undefined =>
  steps.some(({ cmd }) => MODULES_ONLY.some((words) => words.test(cmd))) ? DEBIAN_KERNEL : undefined;
