import type { KubeObject } from '../../types.ts';
import { none } from '../cells.ts';

/** `80:30080/TCP,53/UDP`. */
export const portsOf = (service: KubeObject): string =>
  none(
    (service.spec?.ports ?? [])
      .map(
        (p: { port: number; nodePort?: number; protocol?: string }) =>
          `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`,
      )
      .join(','),
  );

/** EXTERNAL-IP: what the load balancer gave, then spec.externalIPs; `<pending>` while a load balancer gave none. */
export function externalIp(service: KubeObject): string {
  const ips = [
    ...((service.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[]).map(
      (i) => i.ip ?? i.hostname ?? '',
    ),
    ...((service.spec?.externalIPs ?? []) as string[]),
  ];
  if (service.spec?.type === 'ExternalName') return service.spec.externalName ?? '';
  if (ips.length > 0) return ips.join(',');
  return service.spec?.type === 'LoadBalancer' ? '<pending>' : '<none>';
}
