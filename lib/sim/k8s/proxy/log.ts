/** What kube-proxy says while it starts, line by line. Source: recordings of 1.34.5 in public reports, cmd/kube-proxy/app/server*.go. */
import type { Proc } from '../../kernel/process.ts';
import { klog } from '../node/journal.ts';
import { KUBERNETES_VERSION } from '../version.ts';
import type { ProxyConfig } from './config.ts';
import { truncatedNames } from './ipvs/sets.ts';
import { nodePortAddresses } from './node-addresses.ts';

const PLACES = {
  iptables: 'server_linux.go:132',
  ipvs: 'server_linux.go:182',
  nftables: 'server_linux.go:246',
} as const;
const UNSET =
  'nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`';
const LOCALNET =
  '"Setting route_localnet=1 to allow node-ports on localhost; to change this either disable iptables.localhostNodePorts (--iptables-localhost-nodeports) or set nodePortAddresses (--nodeport-addresses) to filter loopback addresses"';

export interface Started {
  mode: 'iptables' | 'ipvs' | 'nftables';
  /** The configuration names no mode. */
  defaulted: boolean;
  nodeIps: readonly string[];
  /** The limit of tracked connections, where it was raised. */
  conntrackMax: number | null;
}

/** The lines before the first sync. */
export function startLines(proc: Proc, config: ProxyConfig, s: Started): string {
  const lines: [severity: 'I' | 'E', place: string, text: string][] = [];
  const info = (place: string, text: string) => lines.push(['I', place, text]);
  const ip4 = s.nodeIps.find((ip) => !ip.includes(':')) ?? null;
  if (s.defaulted) info('server_linux.go:53', '"Using iptables proxy"');
  info('shared_informer.go:349', '"Waiting for caches to sync" controller="node informer cache"');
  info('shared_informer.go:356', '"Caches are synced" controller="node informer cache"');
  info('server.go:219', `"Successfully retrieved NodeIPs" NodeIPs=[${s.nodeIps.map((ip) => `"${ip}"`).join(',')}]`);
  if (s.conntrackMax !== null) info('conntrack.go:60', `"Setting nf_conntrack_max" nfConntrackMax=${s.conntrackMax}`);
  if (config.nodePortAddresses.length === 0)
    lines.push(['E', 'server.go:256', `"Kube-proxy configuration may be incomplete or incorrect" err="${UNSET}"`]);
  info('server.go:265', '"kube-proxy running in dual-stack mode" primary ipFamily="IPv4"');
  info(PLACES[s.mode], `"Using ${s.mode} Proxier"`);
  if (s.mode === 'iptables' && config.iptables.localhostNodePorts && nodePortAddresses(config, 'ip', ip4).loopback)
    info('proxier.go:242', `${LOCALNET} ipFamily="IPv4"`);
  if (s.mode === 'ipvs') {
    for (const family of ['IPv4', 'IPv6']) {
      if (config.ipvs.scheduler === '')
        info('proxier.go:353', `"IPVS scheduler not specified, use rr by default" ipFamily="${family}"`);
    }
    for (const [name, cut] of truncatedNames())
      info('ipset.go:119', `"Ipset name truncated" ipSetName="${name}" truncatedName="${cut}"`);
  }
  info('server.go:527', `"Version info" version="${KUBERNETES_VERSION}"`);
  info('server.go:529', '"Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""');
  const controllers = [
    ['config.go:200', 'service'],
    ['config.go:106', 'endpoint slice'],
    ['config.go:403', 'serviceCIDR'],
    ['config.go:309', 'node'],
  ] as const;
  for (const [place, name] of controllers) {
    info(place, `"Starting ${name} config controller"`);
    info('shared_informer.go:349', `"Waiting for caches to sync" controller="${name} config"`);
  }
  for (const [, name] of controllers) info('shared_informer.go:356', `"Caches are synced" controller="${name} config"`);
  return lines.map(([severity, place, text]) => klog(proc, severity, place, text)).join('');
}
