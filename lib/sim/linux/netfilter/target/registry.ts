/**
 * Every target by name. Those that control loops write (kube-proxy, flanneld, CNI plugins) stand here; the others come with
 * the programs, from rare.ts: a prompt does not wait for them. A new one is a file here and a line in one of the two.
 */
import type { TargetExt } from '../ext.ts';
import { mark } from './mark.ts';
import { dnat, masquerade, redirect, snat } from './nat.ts';
import { reject } from './reject.ts';
import { accept, drop, queue, returnTarget } from './verdict.ts';

const targets = new Map<string, TargetExt>(
  [accept, dnat, drop, mark, masquerade, queue, redirect, reject, returnTarget, snat].map((def) => [def.name, def]),
);

export const TARGETS: ReadonlyMap<string, TargetExt> = targets;

/** Adds targets: see rare.ts. */
export function addTargets(more: readonly TargetExt[]): void {
  for (const def of more) targets.set(def.name, def);
}

/** Targets that exist in iptables 1.8.9 and are not modelled. */
export const TARGETS_NOT_MODELLED: ReadonlySet<string> = new Set(
  'CLUSTERIP CONNSECMARK HMARK IDLETIMER LED RATEEST SECMARK SYNPROXY DNPT SNPT'.split(' '),
);
