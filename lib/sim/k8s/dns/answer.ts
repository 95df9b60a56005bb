/**
 * What CoreDNS's `kubernetes` plugin answers for the cluster's zone and the reverse zones. Sources: kubernetes/dns
 * docs/specification.md 1.1.0; coredns plugin/kubernetes/{kubernetes,parse,reverse}.go, plugin/backend_lookup.go.
 */
import { parseIp, parseIp4 } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { absolute } from '../../linux/resolve/wire.ts';
import type { DnsRecord } from '../../packet/packet.ts';
import { getObject, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { type KubernetesConfig, zoneOf } from './config.ts';

/** The cluster's domain. */
export const ZONE = 'cluster.local';
const NOERROR = 0;
const NXDOMAIN = 3;
/** An SRV record's weight before it is shared among those of one priority. */
const WEIGHT = 100;

export interface Found {
  rcode: number;
  answer: DnsRecord[];
  additional: DnsRecord[];
  authority: DnsRecord[];
}

/** One thing that a name stands for: msg.Service. */
interface Target {
  host: string;
  port: number;
  /** The name under which SRV records speak of it. */
  name: string;
}

interface Endpoint {
  ip: string;
  hostname?: string;
  pod?: string;
  ports: { name: string; port: number; protocol: string }[];
}

const soa = (zone: string, ttl: number): DnsRecord => ({
  name: absolute(zone),
  type: 'SOA',
  ttl,
  data: `ns.dns.${zone}. hostmaster.${zone}. 1768467600 7200 1800 86400 ${ttl}`,
});

function endpointsOf(world: World, service: KubeObject): Endpoint[] {
  const slices = listObjects(world, 'endpointslices', { namespace: service.metadata.namespace }).filter(
    (slice) =>
      slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name && slice.addressType !== 'FQDN',
  );
  return slices.flatMap((slice) => {
    const ports = (slice.ports ?? []).map((p: { name?: string; port: number; protocol?: string }) => ({
      name: p.name ?? '',
      port: p.port,
      protocol: (p.protocol ?? 'TCP').toLowerCase(),
    }));
    const ready = (slice.endpoints ?? []).filter(
      (e: { conditions?: { ready?: boolean } }) =>
        e.conditions?.ready !== false || service.spec?.publishNotReadyAddresses,
    );
    return ready.flatMap(
      (e: { addresses: string[]; hostname?: string; targetRef?: { kind?: string; name?: string } }) =>
        e.addresses.map((ip): Endpoint => {
          const endpoint: Endpoint = { ip, ports };
          if (e.hostname !== undefined) endpoint.hostname = e.hostname;
          if (e.targetRef?.kind === 'Pod' && e.targetRef.name) endpoint.pod = e.targetRef.name;
          return endpoint;
        }),
    );
  });
}

/** endpointHostname(): the Pod's hostname, its name with `endpoint_pod_names`, or its address with dashes. */
const endpointName = (e: Endpoint, podNames: boolean): string =>
  e.hostname ?? (podNames && e.pod && e.pod.length < 64 ? e.pod : e.ip.replace(/[.:]/g, '-'));

/** The service's addresses, or its CNAME. Null: no such service, or nothing of it fits. */
function serviceTargets(
  world: World,
  k: KubernetesConfig,
  labels: readonly string[],
  suffix: string,
): Target[] | { cname: string } | null {
  const [serviceName = '', namespace = ''] = labels.slice(-2);
  const rest = labels.slice(0, -2);
  const object = getObject(world, 'services', namespace, serviceName);
  if (!object || rest.length > 2) return null;
  const { spec } = object;
  const base = `${serviceName}.${namespace}.${suffix}`;
  const byPort = rest.length === 2;
  if (byPort && !(rest[0]?.startsWith('_') && rest[1]?.startsWith('_'))) return null;
  const [portName, protocol] = byPort ? [rest[0]?.slice(1), rest[1]?.slice(1)] : [undefined, undefined];
  const endpoint = rest.length === 1 ? rest[0] : undefined;
  const fits = (p: { name?: string; protocol?: string }): boolean =>
    !byPort || ((p.name ?? '') === portName && (p.protocol ?? 'TCP').toLowerCase() === protocol);
  if (spec?.type === 'ExternalName') {
    if (rest.length > 0) return null;
    return { cname: absolute(spec.externalName) };
  }
  if (spec?.clusterIP === 'None' || endpoint !== undefined) {
    const all = endpointsOf(world, object).filter(
      (e) => endpoint === undefined || endpointName(e, k.endpointPodNames) === endpoint,
    );
    const found = all.flatMap((e) =>
      (e.ports.length ? e.ports : [{ name: '', port: -1, protocol: 'tcp' }])
        .filter(fits)
        .map((p) => ({ host: e.ip, port: p.port, name: `${endpointName(e, k.endpointPodNames)}.${base}.` })),
    );
    return found.length ? found : null;
  }
  const ips: string[] = spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : []);
  const found = ((spec?.ports ?? []) as { name?: string; port: number; protocol?: string }[])
    .filter(fits)
    .flatMap((p) => ips.map((host) => ({ host, port: p.port, name: `${base}.` })));
  return found.length ? found : null;
}

const typeOf = (ip: string): 'A' | 'AAAA' => (typeof parseIp(ip) === 'bigint' ? 'AAAA' : 'A');

/** Records of one type for what was found; SRV brings the addresses along. */
function recordsOf(
  name: string,
  type: string,
  targets: readonly Target[],
  ttl: number,
): Pick<Found, 'answer' | 'additional'> {
  const unique = <T>(list: T[], key: (one: T) => string): T[] => [
    ...new Map(list.map((one) => [key(one), one])).values(),
  ];
  const text = (r: DnsRecord): string => `${r.name} ${r.type} ${r.data}`;
  if (type === 'A' || type === 'AAAA') {
    const hosts = targets.filter((t) => typeOf(t.host) === type);
    return {
      answer: unique(
        hosts.map((t) => ({ name, type, ttl, data: t.host })),
        text,
      ),
      additional: [],
    };
  }
  if (type !== 'SRV') return { answer: [], additional: [] };
  const weight = Math.max(1, Math.floor(WEIGHT / Math.max(1, targets.length)));
  const answer = targets
    .filter((t) => t.port !== -1)
    .map((t) => ({ name, type, ttl, data: `0 ${weight} ${t.port} ${t.name}` }));
  const additional = targets.map((t) => ({ name: t.name, type: typeOf(t.host), ttl, data: t.host }));
  return { answer: unique(answer, text), additional: unique(additional, text) };
}

/** Whether a name that holds no records of its own has some below it: an empty non-terminal. */
function hasBelow(world: World, labels: readonly string[]): boolean {
  if (labels.length === 0) return true;
  return labels.length === 1 && getObject(world, 'namespaces', undefined, labels[0] ?? '') !== undefined;
}

function pod(world: World, k: KubernetesConfig, labels: readonly string[]): Target[] | 'empty' | null {
  if (labels.length === 0) return 'empty';
  const [host = '', namespace = ''] = labels.length === 1 ? ['', labels[0]] : labels;
  if (labels.length > 2 || k.pods === 'disabled') return null;
  if (labels.length === 1) return hasBelow(world, [namespace ?? '']) ? 'empty' : null;
  const ip = /^\d+(-\d+){3}$/.test(host) ? host.replaceAll('-', '.') : host.replaceAll('-', ':');
  if (parseIp(ip) === null) return null;
  if (k.pods === 'verified') {
    const there = listObjects(world, 'pods', { namespace }).some((p) => p.status?.podIP === ip);
    if (!there) return null;
  }
  return [{ host: ip, port: -1, name: '' }];
}

function reverse(world: World, k: KubernetesConfig, name: string): string | null {
  const ip = reverseIp(name);
  const zone = k.zones.find((z) => !z.endsWith('.arpa'));
  if (ip === null || zone === undefined) return null;
  for (const service of listObjects(world, 'services')) {
    const own = `${service.metadata.name}.${service.metadata.namespace}.svc.${zone}.`;
    if ((service.spec?.clusterIPs ?? [service.spec?.clusterIP]).some((c: string) => parseIp(String(c)) === ip))
      return own;
    // Endpoints have a name of their own only when their Pod has a hostname.
    const found = endpointsOf(world, service).find((e) => e.hostname !== undefined && parseIp(e.ip) === ip);
    if (found) return `${found.hostname}.${own}`;
  }
  return null;
}

/** The address of a name in in-addr.arpa or ip6.arpa; null when it is none. */
function reverseIp(name: string): number | bigint | null {
  if (name.endsWith('.in-addr.arpa')) return parseIp4(name.slice(0, -13).split('.').reverse().join('.'));
  const nibbles = name.endsWith('.ip6.arpa') ? name.slice(0, -9).split('.').reverse() : [];
  return nibbles.length === 32 && nibbles.every((n) => /^[0-9a-f]$/.test(n)) ? BigInt(`0x${nibbles.join('')}`) : null;
}

/** What the plugin says; null when the name is in none of its zones, or nothing was found and the next plugin is to be asked. `name` is in lower case, without its final dot. */
export function kubernetesAnswer(world: World, k: KubernetesConfig, name: string, type: string): Found | null {
  const zone = zoneOf(name, k.zones);
  if (zone === undefined) return null;
  const { ttl } = k;
  const empty = (rcode: number): Found | null =>
    rcode === NXDOMAIN && k.fall !== null && (k.fall.length === 0 || zoneOf(name, k.fall) !== undefined)
      ? null
      : { rcode, answer: [], additional: [], authority: [soa(zone, ttl)] };
  const full = (answer: DnsRecord[], additional: DnsRecord[] = []): Found | null =>
    answer.length
      ? {
          rcode: NOERROR,
          answer: answer.map((r) => ({ ...r, name: absolute(r.name) })),
          additional: additional.map((r) => ({ ...r, name: absolute(r.name) })),
          authority: [],
        }
      : empty(NOERROR);
  if (zone.endsWith('.arpa')) {
    const data = reverse(world, k, name);
    return data === null ? empty(NXDOMAIN) : full(type === 'PTR' ? [{ name, type: 'PTR', ttl, data }] : []);
  }
  const labels = name === zone ? [] : name.slice(0, -zone.length - 1).split('.');
  const kind = labels.pop();
  if (kind === undefined) {
    if (type === 'SOA') return full([{ ...soa(zone, ttl) }]);
    return empty(NOERROR);
  }
  if (kind === 'dns-version' && labels.length === 0)
    return full(type === 'TXT' ? [{ name, type, ttl: 28_800, data: '"1.1.0"' }] : []);
  if (kind === 'pod') {
    const found = pod(world, k, labels);
    if (found === null) return empty(NXDOMAIN);
    return found === 'empty' ? empty(NOERROR) : full(recordsOf(name, type, found, ttl).answer);
  }
  if (kind !== 'svc') return empty(NXDOMAIN);
  if (labels.length < 2) return empty(hasBelow(world, labels) ? NOERROR : NXDOMAIN);
  const found = serviceTargets(world, k, labels, `svc.${zone}`);
  if (found === null) return empty(NXDOMAIN);
  if ('cname' in found) {
    const alias: DnsRecord = { name, type: 'CNAME', ttl, data: found.cname };
    const inside = zoneOf(found.cname.replace(/\.$/, '').toLowerCase(), [zone]) !== undefined && type !== 'CNAME';
    const target = inside ? kubernetesAnswer(world, k, found.cname.replace(/\.$/, '').toLowerCase(), type) : null;
    return full([alias, ...(target?.answer ?? [])]);
  }
  const { answer, additional } = recordsOf(name, type, found, ttl);
  return full(answer, additional);
}
