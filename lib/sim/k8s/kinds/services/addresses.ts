/** Families and cluster IPs of Services. Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go, ipallocator/cidrallocator.go (1.34). */
import { familyOf, formatIp, type Ip, inPrefix, type Prefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
import type { World } from '../../../kernel/world.ts';
import type { FieldError } from '../../api/status.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { invalidValue } from '../shapes/check.ts';

type Family = 'IPv4' | 'IPv6';

/** Of a cluster whose ServiceCIDRs say nothing of a family. */
const RANGES: Record<Family, string> = { IPv4: '10.96.0.0/12', IPv6: 'fd00:10:96::/112' };

export const hash = (text: string): number => {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619) >>> 0;
  return h;
};

const nameOf = (ip: Ip): Family => (familyOf(ip) === 6 ? 'IPv6' : 'IPv4');

/** The ranges of one family, those of ServiceCIDR objects and the one the cluster was set up with. */
function rangesOf(world: World, family: Family): Prefix[] {
  const texts = listObjects(world, 'servicecidrs').flatMap((o) => (o.spec?.cidrs ?? []) as string[]);
  return [...new Set([RANGES[family], ...texts])].flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix && nameOf(prefix.ip) === family ? [prefix] : [];
  });
}

/** Whether nodes or ServiceCIDRs carry IPv6 beside IPv4. */
const isDual = (world: World): boolean =>
  listObjects(world, 'nodes').some((n) => ((n.spec?.podCIDRs ?? []) as string[]).some((c) => c.includes(':'))) ||
  listObjects(world, 'servicecidrs').some((o) => ((o.spec?.cidrs ?? []) as string[]).some((c) => c.includes(':')));

/** A free address of the upper band of a range; the same Service in the same cluster gets the same one. */
function free(range: Prefix, taken: ReadonlySet<string>, name: string): string {
  const bits = familyOf(range.ip) === 6 ? 128 : 32;
  const size = Math.min(2 ** (bits - range.len), 2 ** 20);
  // The lowest 256 addresses are kept for hand-picked ones, fewer in a small range.
  const low = Math.min(257, Math.floor(size / 16) + 1);
  const span = Math.max(1, size - low - 1);
  for (let i = 0; i < span; i++) {
    const offset = low + ((hash(name) + i) % span);
    const ip = formatIp(typeof range.ip === 'bigint' ? range.ip + BigInt(offset) : range.ip + offset);
    if (!taken.has(ip)) return ip;
  }
  return '';
}

/** The families that a Service has, by what it asks for and by its addresses; or the refusal. */
function families(world: World, spec: KubeObject['spec'], asked: readonly string[]): Family[] | FieldError[] {
  const given = ((spec.ipFamilies ?? []) as Family[]).slice();
  if (given.length === 0)
    for (const text of asked) {
      const ip = parseIp(text);
      if (ip !== null) given.push(nameOf(ip));
    }
  // Who names both families has a server with ranges of both.
  const dual = given.length > 1 || isDual(world);
  if (spec.ipFamilyPolicy === 'RequireDualStack' && !dual)
    return [
      invalidValue('spec.ipFamilyPolicy', 'RequireDualStack', 'this cluster is not configured for dual-stack services'),
    ];
  spec.ipFamilyPolicy ??= given.length > 1 ? 'RequireDualStack' : 'SingleStack';
  if (given.length === 0) given.push('IPv4');
  if (dual && spec.ipFamilyPolicy !== 'SingleStack' && given.length === 1)
    given.push(given[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  if (spec.ipFamilyPolicy === 'SingleStack' && given.length > 1)
    return [
      invalidValue(
        'spec.ipFamilyPolicy',
        'SingleStack',
        'may only be RequireDualStack or PreferDualStack when multiple IP families are specified',
      ),
    ];
  return given;
}

/** Sets `clusterIP`, `clusterIPs`, `ipFamilies`, `ipFamilyPolicy`; answers the refusal. */
export function allocateIps(world: World, service: KubeObject, rest: readonly KubeObject[]): FieldError[] {
  const { spec, metadata } = service;
  const asked: string[] = (spec.clusterIPs ?? []).length > 0 ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : [];
  const found = families(world, spec, asked);
  if (found.some((f) => typeof f === 'object')) return found as FieldError[];
  spec.ipFamilies = found;
  if (asked[0] === 'None') {
    spec.clusterIP = 'None';
    spec.clusterIPs = ['None'];
    return [];
  }
  const taken = new Set<string>(rest.flatMap((s) => (s.spec?.clusterIPs ?? []) as string[]));
  const ips: string[] = [];
  for (const [i, family] of (found as Family[]).entries()) {
    const text = asked[i];
    if (text === undefined) {
      const name = `${metadata.namespace}/${metadata.name}`;
      ips.push(
        rangesOf(world, family)
          .map((range) => free(range, taken, name))
          .find((ip) => ip !== '') ?? '',
      );
      continue;
    }
    const ip = parseIp(text);
    const refuse = (why: string): FieldError[] => [
      invalidValue('spec.clusterIPs', asked, `failed to allocate IP ${text}: ${why}`),
    ];
    if (ip === null || !rangesOf(world, family).some((range) => inPrefix(ip, range)))
      return refuse('the provided network does not match the current range');
    if (taken.has(text)) return refuse('provided IP is already allocated');
    ips.push(text);
  }
  spec.clusterIP = ips[0];
  spec.clusterIPs = ips;
  return [];
}
