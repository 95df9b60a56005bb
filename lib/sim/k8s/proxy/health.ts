/**
 * What kube-proxy answers on its ports: whether it keeps up (/healthz, /livez on 10256), which Services have endpoints here
 * (healthCheckNodePort), and what it is doing (127.0.0.1:10249). Source: pkg/proxy/healthcheck, cmd/kube-proxy/app/server.go of 1.34.
 */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { strftime } from '../../text/strftime.ts';
import { emitEvent } from '../events.ts';
import { closeHttp, type HttpAnswer, type HttpState, listenHttp, NOT_FOUND } from '../http.ts';
import { getObject } from '../store/store.ts';
import type { ProxyConfig } from './config.ts';
import { metricsText } from './metrics.ts';
import type { ProxyFamily } from './mode.ts';
import { nodePortAddresses, nodePortIps } from './node-addresses.ts';
import type { ServicePort } from './service-ports.ts';

/** Plain data: what the answers are made of. */
export interface Health {
  /** When the program started. */
  started: number;
  /** When each family was written last, and since when a change waits to be. */
  updated: Partial<Record<ProxyFamily, number>>;
  queued: Partial<Record<ProxyFamily, number>>;
  /** Services with a health check port: the port, and how many ready endpoints are on this node. */
  services: Map<string, { port: number; endpoints: number }>;
  metrics: Map<string, number>;
}

export const newHealth = (world: World): Health => ({
  started: world.now,
  updated: {},
  queued: {},
  services: new Map(),
  metrics: new Map(),
});

const JSON_HEADERS = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' };
const TEXT_HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
const FAMILIES: readonly ProxyFamily[] = ['ip', 'ip6'];
/** Set by the cluster autoscaler on a node that goes. */
const LEAVING = 'ToBeDeletedByClusterAutoscaler';

/** Host and port of a bind address; no host for all addresses, null for none at all. */
export function bindAddress(text: string): { ip: Ip | null; port: number } | null {
  const m = /^\[?([^\]]*?)\]?:(\d+)$/.exec(text);
  if (!m) return null;
  const ip = parseIp(m[1] ?? '');
  return { ip: ip === 0 || ip === 0n ? null : ip, port: Number(m[2]) };
}

/** Opens the two ports that every kube-proxy has. */
export function listenStandard(proc: Proc, http: HttpState, config: ProxyConfig): void {
  for (const [tag, text] of [
    ['healthz', config.healthzBindAddress],
    ['metrics', config.metricsBindAddress],
  ] as const) {
    const at = bindAddress(text);
    if (at) listenHttp(proc, http, tag, at.ip, at.port);
  }
}

/** How many ready endpoints are on this node: addresses, over all ports of the Service. */
const localReady = (ports: readonly ServicePort[]): number =>
  new Set(ports.flatMap((s) => s.all.filter((e) => e.local && e.ready).map((e) => e.ip))).size;

/** Opens and closes Services' health check ports, and counts their endpoints. */
export function syncServiceHealth(
  proc: Proc,
  http: HttpState,
  health: Health,
  setup: { config: ProxyConfig; node: { name: string; ip: string | null } },
  changed: ReadonlyMap<string, readonly ServicePort[]>,
): void {
  for (const [name, ports] of changed) {
    const port = ports.find((s) => s.healthCheckNodePort > 0)?.healthCheckNodePort ?? 0;
    const known = health.services.get(name);
    if (known && known.port !== port) {
      closeHttp(proc, http, name);
      health.services.delete(name);
    }
    if (port === 0) continue;
    const endpoints = localReady(ports);
    if (health.services.has(name) || open(proc, http, name, port, setup))
      health.services.set(name, { port, endpoints });
  }
}

function open(
  proc: Proc,
  http: HttpState,
  name: string,
  port: number,
  { config, node }: { config: ProxyConfig; node: { name: string; ip: string | null } },
): boolean {
  const addresses = nodePortAddresses(config, 'ip', node.ip);
  const at = addresses.matchAll ? [null] : nodePortIps(proc.netns, addresses, 'ip').map(parseIp);
  for (const ip of at) {
    const error = listenHttp(proc, http, name, ip, port);
    if (error === null) continue;
    closeHttp(proc, http, name);
    const [namespace, service = ''] = name.split('/');
    const object = getObject(proc.world, 'services', namespace, service);
    const why = error === 'EADDRINUSE' ? 'address already in use' : error;
    if (object)
      emitEvent(
        proc.world,
        object,
        'Warning',
        'FailedToStartServiceHealthcheck',
        `node ${node.name} failed to start healthcheck "${name}" on port ${port}: listen tcp :${port}: bind: ${why}`,
      );
    return false;
  }
  return true;
}

/** Whether changes were written in time: a family that waits longer than twice syncPeriod is late. */
function late(world: World, health: Health, timeout: number): boolean {
  return FAMILIES.some((f) => world.now - (health.queued[f] ?? world.now) >= timeout);
}

/** Whether nothing says that the node is about to go. */
function eligible(world: World, name: string): boolean {
  const node = getObject(world, 'nodes', undefined, name);
  const taints = (node?.spec?.taints ?? []) as { key?: string }[];
  return !node?.metadata.deletionTimestamp && !taints.some((t) => t.key === LEAVING);
}

/** A time as Go prints it, with what its monotonic clock says since the program's start. */
function goTime(world: World, at: number, started: number): string {
  const seconds = world.epoch + Math.floor(at / 1_000_000);
  const micros = String(at - Math.floor(at / 1_000_000) * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const since = Math.max(0, at - started);
  return `${strftime('%Y-%m-%d %H:%M:%S', seconds, 0)}${micros === '' ? '' : `.${micros}`} +0000 UTC m=+${(since / 1e6).toFixed(9)}`;
}

/** What is asked under a tag: `healthz`, `metrics`, or a Service's name. */
export function answerHttp(
  world: World,
  health: Health,
  setup: { config: ProxyConfig; node: string },
  tag: string,
  path: string,
): HttpAnswer {
  const { config, node } = setup;
  const periods = config[config.mode as 'iptables'];
  const healthy = !late(world, health, 2 * periods.syncPeriod);
  const bare = path.replace(/\?.*$/, '');
  if (tag === 'metrics') {
    if (bare === '/proxyMode') return { status: 200, headers: TEXT_HEADERS, body: config.mode };
    if (bare === '/healthz') return { status: 200, headers: TEXT_HEADERS, body: 'ok' };
    if (bare === '/metrics')
      return {
        status: 200,
        headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' },
        body: metricsText(world, health),
      };
    return NOT_FOUND;
  }
  if (tag === 'healthz') {
    if (bare !== '/healthz' && bare !== '/livez') return NOT_FOUND;
    const fits = eligible(world, node);
    const well = healthy && (fits || bare === '/livez');
    const now = goTime(world, world.now, health.started);
    const last = Math.max(0, ...FAMILIES.map((f) => health.updated[f] ?? 0));
    const updated = well ? now : goTime(world, last, health.started);
    const more = bare === '/healthz' ? `, "nodeEligible": ${fits}` : '';
    const counter = `kubeproxy_proxy_${bare.slice(1)}_total{code="${well ? 200 : 503}"}`;
    health.metrics.set(counter, (health.metrics.get(counter) ?? 0) + 1);
    const body = `{"lastUpdated": "${updated}","currentTime": "${now}"${more}}`;
    return { status: well ? 200 : 503, headers: JSON_HEADERS, body };
  }
  const [namespace, name] = tag.split('/');
  const endpoints = health.services.get(tag)?.endpoints ?? 0;
  const body = `{\n\t"service": {\n\t\t"namespace": "${namespace}",\n\t\t"name": "${name}"\n\t},\n\t"localEndpoints": ${endpoints},\n\t"serviceProxyHealthy": ${healthy}\n}`;
  return { status: endpoints > 0 && healthy ? 200 : 503, headers: JSON_HEADERS, body };
}
