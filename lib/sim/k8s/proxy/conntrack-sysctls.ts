/** The limits of connection tracking that kube-proxy sets at its start. Source: cmd/kube-proxy/app/conntrack.go, server_linux.go of 1.34. */
import type { Host, World } from '../../kernel/world.ts';
import { getSysctl, setSysctl } from '../../linux/sysctl/sysctl.ts';
import type { NetNs } from '../../linux/types.ts';
import type { ProxyConfig } from './config.ts';

const SECOND = 1_000_000;

/** Raises the table's limit where it is lower, and sets two timeouts. Answers the limit when it was raised, or null. */
export function setConntrack(
  world: World,
  host: Host,
  ns: NetNs,
  { maxPerCore, min, tcpEstablishedTimeout, tcpCloseWaitTimeout }: ProxyConfig['conntrack'],
): number | null {
  const set = (name: string, value: number) =>
    setSysctl(world, host, ns, `net.netfilter.nf_conntrack_${name}`, String(value));
  if (tcpEstablishedTimeout > 0) set('tcp_timeout_established', Math.floor(tcpEstablishedTimeout / SECOND));
  if (tcpCloseWaitTimeout > 0) set('tcp_timeout_close_wait', Math.floor(tcpCloseWaitTimeout / SECOND));
  const wanted = maxPerCore > 0 ? Math.max(maxPerCore * host.cpus, min) : 0;
  if (Number(getSysctl(world, host, ns, 'net.netfilter.nf_conntrack_max')) >= wanted) return null;
  set('max', wanted);
  return wanted;
}
