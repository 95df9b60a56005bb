/** Which endpoints take a Service's traffic. Source: kubernetes/kubernetes pkg/proxy/topology.go (1.34). */
import type { Endpoint } from './service-ports.ts';

/** Ready ones, or, when there is none, those that still serve while terminating. */
export function usable(endpoints: readonly Endpoint[]): Endpoint[] {
  const ready = endpoints.filter((e) => e.ready);
  return ready.length > 0 ? ready : endpoints.filter((e) => e.serving && e.terminating);
}

/** Those that hints keep near: hints count only when every ready endpoint has one and one of them is for here. */
export function nearest(endpoints: readonly Endpoint[], node: string, zone: string | undefined): Endpoint[] {
  const ready = endpoints.filter((e) => e.ready);
  if (ready.length === 0) return usable(endpoints);
  const byNode = ready.filter((e) => e.forNodes.includes(node));
  if (byNode.length > 0 && ready.every((e) => e.forNodes.length > 0)) return byNode;
  const byZone = zone === undefined ? [] : ready.filter((e) => e.forZones.includes(zone));
  return byZone.length > 0 && ready.every((e) => e.forZones.length > 0) ? byZone : ready;
}
