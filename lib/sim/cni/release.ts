import type { Proc } from '../kernel/process.ts';

/**
 * Which release of the reference plugins runs: Debian 12's package stands in /usr/lib/cni, a cluster's nodes have the current one in
 * /opt/cni/bin. They differ in details that can be seen.
 */
export const releaseOf = (proc: Proc): '1.1.1' | '1.9.1' =>
  (proc.argv[0] ?? '').startsWith('/usr/lib/cni/') ? '1.1.1' : '1.9.1';

/** The older release leaves the container's device without a transmit queue length. */
export const containerQueue = (proc: Proc): { txqlen?: number } => (releaseOf(proc) === '1.1.1' ? { txqlen: 0 } : {});
