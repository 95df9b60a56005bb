/**
 * What CoreDNS answers: its `kubernetes` plugin for the cluster's zone and reverse zones, NXDOMAIN and SERVFAIL as the default Corefile
 * gives them. Source: kubernetes/dns docs/specification.md 1.1.0; coredns plugin/kubernetes.
 */
import { parseIp4 } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { absolute } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import { getObject, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

export const ZONE = 'cluster.local';
const TTL = 30;
const NOERROR = 0;
const SERVFAIL = 2;
const NXDOMAIN = 3;

const SOA = (zone: string): DnsRecord => ({
  name: absolute(zone),
  type: 'SOA',
  ttl: TTL,
  data: `ns.dns.${zone}. hostmaster.${zone}. 1768467600 7200 1800 86400 ${TTL}`,
});

interface Found {
  rcode: number;
  answer: DnsRecord[];
}

const none = (rcode: number): Found => ({ rcode, answer: [] });

function endpointRecords(
  world: World,
  service: KubeObject,
): { ip: string; hostname: string; ports: { name: string; port: number; protocol: string }[] }[] {
  return listObjects(world, 'endpointslices', { namespace: service.metadata.namespace })
    .filter(
      (slice) =>
        slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name && slice.addressType === 'IPv4',
    )
    .flatMap((slice) =>
      (slice.endpoints ?? []).flatMap(
        (e: { addresses: string[]; hostname?: string; conditions?: { ready?: boolean } }) =>
          e.conditions?.ready === false && !service.spec?.publishNotReadyAddresses
            ? []
            : e.addresses.map((ip) => ({
                ip,
                hostname: e.hostname ?? ip.replaceAll('.', '-'),
                ports: (slice.ports ?? []).map((p: { name?: string; port: number; protocol?: string }) => ({
                  name: p.name ?? '',
                  port: p.port,
                  protocol: (p.protocol ?? 'TCP').toLowerCase(),
                })),
              })),
      ),
    );
}

function service(world: World, name: string, labels: string[], type: string): Found {
  const [serviceName = '', namespace = ''] = labels.slice(-2);
  const rest = labels.slice(0, -2);
  const object = getObject(world, 'services', namespace, serviceName);
  if (!object) return none(NXDOMAIN);
  const { spec } = object;
  const target = `${serviceName}.${namespace}.svc.${ZONE}`;
  if (spec?.type === 'ExternalName')
    return rest.length > 0
      ? none(NXDOMAIN)
      : { rcode: NOERROR, answer: [{ name, type: 'CNAME', ttl: TTL, data: `${spec.externalName}.` }] };
  const headless = spec?.clusterIP === 'None';
  const endpoints = headless || rest.length > 0 ? endpointRecords(world, object) : [];
  if (rest.length === 2 && rest[0]?.startsWith('_') && rest[1]?.startsWith('_')) {
    const [portName, protocol] = [rest[0].slice(1), rest[1].slice(1)];
    const answer = headless
      ? endpoints.flatMap((e) =>
          e.ports
            .filter((p) => p.name === portName && p.protocol === protocol)
            .map((p) => ({ name, type: 'SRV', ttl: TTL, data: `0 100 ${p.port} ${e.hostname}.${target}.` })),
        )
      : (spec?.ports ?? [])
          .filter(
            (p: { name?: string; protocol?: string }) =>
              p.name === portName && (p.protocol ?? 'TCP').toLowerCase() === protocol,
          )
          .map((p: { port: number }) => ({ name, type: 'SRV', ttl: TTL, data: `0 100 ${p.port} ${target}.` }));
    if (answer.length === 0) return none(NXDOMAIN);
    return { rcode: NOERROR, answer: type === 'SRV' ? answer : [] };
  }
  if (rest.length === 1) {
    const matching = endpoints.filter((e) => e.hostname === rest[0]);
    if (matching.length === 0) return none(NXDOMAIN);
    return {
      rcode: NOERROR,
      answer: type === 'A' ? matching.map((e) => ({ name, type: 'A', ttl: TTL, data: e.ip })) : [],
    };
  }
  if (rest.length > 0) return none(NXDOMAIN);
  if (type !== 'A') return none(NOERROR);
  const ips = headless ? endpoints.map((e) => e.ip) : [spec?.clusterIP as string];
  return { rcode: NOERROR, answer: ips.map((data) => ({ name, type: 'A', ttl: TTL, data })) };
}

function reverse(world: World, name: string): Found {
  const ip = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  if (parseIp4(ip) === null) return none(NXDOMAIN);
  for (const object of listObjects(world, 'services')) {
    if (object.spec?.clusterIP === ip)
      return {
        rcode: NOERROR,
        answer: [
          { name, type: 'PTR', ttl: TTL, data: `${object.metadata.name}.${object.metadata.namespace}.svc.${ZONE}.` },
        ],
      };
  }
  return none(NXDOMAIN);
}

function inZone(world: World, name: string, type: string): Found {
  const labels = name === ZONE ? [] : name.slice(0, -ZONE.length - 1).split('.');
  const kind = labels.pop();
  if (kind === undefined) return none(NOERROR);
  if (kind === 'svc')
    return labels.length >= 2
      ? service(world, name, labels, type)
      : none(
          labels.length === 0
            ? NOERROR
            : getObject(world, 'namespaces', undefined, labels[0] ?? '')
              ? NOERROR
              : NXDOMAIN,
        );
  if (kind === 'pod' && labels.length === 2) {
    const ip = (labels[0] ?? '').replaceAll('-', '.');
    if (parseIp4(ip) === null) return none(NXDOMAIN);
    return { rcode: NOERROR, answer: type === 'A' ? [{ name, type: 'A', ttl: TTL, data: ip }] : [] };
  }
  if (labels.length === 0 && kind === 'dns-version')
    return { rcode: NOERROR, answer: type === 'TXT' ? [{ name, type: 'TXT', ttl: TTL, data: '"1.1.0"' }] : [] };
  return none(NXDOMAIN);
}

/** The answer to a query; null when the name is none of the cluster's and an upstream would be asked. */
export function answer(world: World, query: DnsMessage): DnsMessage | null {
  const name = query.question.name.toLowerCase().replace(/\.$/, '');
  const { type } = query.question;
  const own = name === ZONE || name.endsWith(`.${ZONE}`);
  if (!own && !name.endsWith('.in-addr.arpa')) return null;
  const { rcode, answer: records } = own ? inZone(world, name, type) : reverse(world, name);
  return {
    ...query,
    response: true,
    aa: true,
    ra: false,
    ad: false,
    rcode,
    answer: records.map((r) => ({ ...r, name: absolute(r.name) })),
    authority: records.length === 0 && own ? [SOA(ZONE)] : [],
    additional: [],
  };
}

/** What is said when no upstream answers. */
export const serverFailure = (query: DnsMessage): DnsMessage => ({
  ...query,
  response: true,
  aa: false,
  ra: true,
  ad: false,
  rcode: SERVFAIL,
  answer: [],
  authority: [],
  additional: [],
});
