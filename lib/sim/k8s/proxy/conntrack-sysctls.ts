/** The limits of connection tracking that kube-proxy sets at its start. Source: cmd/kube-proxy/app/conntrack.go, server_linux.go of 1.34. */
import type { Host, World } from '../../kernel/world.ts';
import { getSysctl, setSysctl } from '../../linux/sysctl/sysctl.ts';
import type { NetNs } from '../../linux/types.ts';

/** conntrack.maxPerCore and conntrack.min. */
const MAX_PER_CORE = 32_768;
const MIN = 131_072;
/** conntrack.tcpEstablishedTimeout and tcpCloseWaitTimeout, in seconds. */
const TIMEOUTS = { nf_conntrack_tcp_timeout_established: 86_400, nf_conntrack_tcp_timeout_close_wait: 3600 };

/** Raises the table's limit where it is lower, and sets two timeouts. Answers the limit when it was raised, or null. */
export function setConntrack(world: World, host: Host, ns: NetNs): number | null {
  for (const [name, seconds] of Object.entries(TIMEOUTS))
    setSysctl(world, host, ns, `net.netfilter.${name}`, String(seconds));
  const wanted = Math.max(MAX_PER_CORE * host.cpus, MIN);
  if (Number(getSysctl(world, host, ns, 'net.netfilter.nf_conntrack_max')) >= wanted) return null;
  setSysctl(world, host, ns, 'net.netfilter.nf_conntrack_max', String(wanted));
  return wanted;
}
