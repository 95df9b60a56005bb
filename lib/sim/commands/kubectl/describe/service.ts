import { labelText } from '../../../k8s/kinds/cells.ts';
import type { Port } from '../../../k8s/kinds/services/validate.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { type Describer, head, type Line, none, whole } from './lines.ts';

const SHOWN = 3;

/** Ready addresses of a port: blank where slices exist without any, `<none>` without slices. */
export function endpointsText(world: World, service: KubeObject, portName: string): string {
  const slices = listObjects(world, 'endpointslices', {
    namespace: service.metadata.namespace,
    selector: `kubernetes.io/service-name=${service.metadata.name}`,
  });
  if (slices.length === 0) return '<none>';
  const texts = slices.flatMap((s) =>
    ((s.ports ?? []) as Port[])
      .filter((p) => (p.name ?? '') === portName)
      .flatMap((p) =>
        ((s.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[])
          .filter((e) => e.conditions?.ready !== false)
          .flatMap((e) => e.addresses.map((a) => `${a}:${p.port}`)),
      ),
  );
  const more = texts.length - SHOWN;
  return `${texts.slice(0, SHOWN).join(',')}${more > 0 ? ` + ${more} more...` : ''}`;
}

function portLines(world: World, service: KubeObject, p: Port): Line[] {
  const protocol = p.protocol ?? 'TCP';
  const name = p.name || '<unset>';
  const lines: Line[] = [
    [0, 'Port:', `${name}  ${p.port}/${protocol}`],
    [0, 'TargetPort:', `${p.targetPort ?? p.port}/${protocol}`],
  ];
  if (p.nodePort) lines.push([0, 'NodePort:', `${name}  ${p.nodePort}/${protocol}`]);
  lines.push([0, 'Endpoints:', endpointsText(world, service, p.name ?? '')]);
  return lines;
}

/** `kubectl describe service`. */
export const describeService: Describer = (world, o, events) => {
  const { spec } = o;
  const ingress = (o.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string; ipMode?: string }[];
  const lines: Line[] = head(o);
  lines.push([0, 'Selector:', labelText(spec?.selector)], [0, 'Type:', spec?.type ?? 'ClusterIP']);
  if (spec?.ipFamilyPolicy) lines.push([0, 'IP Family Policy:', spec.ipFamilyPolicy]);
  lines.push([0, 'IP Families:', none((spec?.ipFamilies ?? []).join(','))]);
  lines.push([0, 'IP:', spec?.clusterIP ?? ''], [0, 'IPs:', none((spec?.clusterIPs ?? []).join(','))]);
  if (spec?.externalIPs?.length) lines.push([0, 'External IPs:', spec.externalIPs.join(',')]);
  if (spec?.loadBalancerIP) lines.push([0, 'Desired LoadBalancer IP:', spec.loadBalancerIP]);
  if (spec?.externalName) lines.push([0, 'External Name:', spec.externalName]);
  if (ingress.length > 0)
    lines.push([
      0,
      'LoadBalancer Ingress:',
      ingress.map((i) => (i.ip ? `${i.ip} (${i.ipMode ?? 'VIP'})` : (i.hostname ?? ''))).join(', '),
    ]);
  lines.push(...((spec?.ports ?? []) as Port[]).flatMap((p) => portLines(world, o, p)));
  lines.push([0, 'Session Affinity:', spec?.sessionAffinity ?? 'None']);
  if (spec?.externalTrafficPolicy) lines.push([0, 'External Traffic Policy:', spec.externalTrafficPolicy]);
  if (spec?.internalTrafficPolicy) lines.push([0, 'Internal Traffic Policy:', spec.internalTrafficPolicy]);
  if (spec?.trafficDistribution) lines.push([0, 'Traffic Distribution:', spec.trafficDistribution]);
  if (spec?.healthCheckNodePort) lines.push([0, 'HealthCheck NodePort:', String(spec.healthCheckNodePort)]);
  if (spec?.loadBalancerSourceRanges?.length)
    lines.push([0, 'LoadBalancer Source Ranges:', spec.loadBalancerSourceRanges.join(',')]);
  return whole(world, o, events, lines);
};
