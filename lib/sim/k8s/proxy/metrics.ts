/**
 * kube-proxy's metrics, those that follow from what the model does, in Prometheus' text format. Source: pkg/proxy/metrics/metrics.go
 * of 1.34.
 */
import type { World } from '../../kernel/world.ts';
import type { Health } from './health.ts';

/** Name, type and help of each that can be there; the help texts are the release's own. */
const KNOWN: Readonly<Record<string, readonly [type: 'counter' | 'gauge', help: string]>> = {
  kubeproxy_proxy_healthz_total: ['counter', '[ALPHA] Cumulative proxy healthz HTTP status'],
  kubeproxy_proxy_livez_total: ['counter', '[ALPHA] Cumulative proxy livez HTTP status'],
  kubeproxy_sync_proxy_rules_endpoint_changes_total: ['counter', '[ALPHA] Cumulative proxy rules Endpoint changes'],
  kubeproxy_sync_proxy_rules_iptables_last: [
    'gauge',
    '[ALPHA] Number of iptables rules written by kube-proxy in last sync',
  ],
  kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total: [
    'counter',
    '[ALPHA] Cumulative proxy iptables partial restore failures',
  ],
  kubeproxy_sync_proxy_rules_iptables_restore_failures_total: [
    'counter',
    '[ALPHA] Cumulative proxy iptables restore failures',
  ],
  kubeproxy_sync_proxy_rules_iptables_total: ['gauge', '[ALPHA] Total number of iptables rules owned by kube-proxy'],
  kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds: [
    'gauge',
    '[ALPHA] The last time a sync of proxy rules was queued',
  ],
  kubeproxy_sync_proxy_rules_last_timestamp_seconds: [
    'gauge',
    '[ALPHA] The last time proxy rules were successfully synced',
  ],
  kubeproxy_sync_proxy_rules_nftables_sync_failures_total: [
    'counter',
    '[ALPHA] Cumulative proxy nftables sync failures',
  ],
  kubeproxy_sync_proxy_rules_no_local_endpoints_total: [
    'gauge',
    '[ALPHA] Number of services with a Local traffic policy and no endpoints',
  ],
  kubeproxy_sync_proxy_rules_service_changes_total: ['counter', '[ALPHA] Cumulative proxy rules Service changes'],
  process_start_time_seconds: ['gauge', 'Start time of the process since unix epoch in seconds.'],
};

/** Adds to a counter: `name` with its labels, as it is printed. */
export const count = (metrics: Map<string, number>, name: string, more = 1): void => {
  metrics.set(name, (metrics.get(name) ?? 0) + more);
};

/** A value as Go prints it: exponents for large ones. */
function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const size = Number(exponent);
  if (size < 21 && size >= -5 && Math.abs(value) < 1e6) return String(value);
  return `${mantissa}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`;
}

/** All of them. */
export function metricsText(world: World, health: Health): string {
  const all = new Map(health.metrics);
  all.set('process_start_time_seconds', world.epoch + health.started / 1e6);
  const lines: string[] = [];
  let last = '';
  for (const key of [...all.keys()].sort()) {
    const name = key.replace(/\{.*/, '');
    const known = KNOWN[name];
    if (!known) continue;
    if (name !== last) lines.push(`# HELP ${name} ${known[1]}`, `# TYPE ${name} ${known[0]}`);
    last = name;
    lines.push(`${key} ${number(all.get(key) ?? 0)}`);
  }
  return `${lines.join('\n')}\n`;
}
