/** A packet's events as steps in the picture: where each happens. */
import type { TraceEvent } from '#sim/index.ts';
import type { PacketTrace } from '#worker/trace.ts';
import { deviceId, type Layout, type Node, nsKey, stackId } from './layout.ts';

export interface Step {
  event: TraceEvent;
  /** Node of the layout, or null when the picture does not show the place. */
  node: string | null;
}

const deviceOf = (event: TraceEvent): string | null => {
  switch (event.kind) {
    case 'tx':
    case 'rx':
    case 'neigh':
    case 'encap':
    case 'decap':
      return event.dev;
    case 'bridge':
      return event.bridge;
    default:
      return null;
  }
};

/** Steps of a packet, placed. A drop happens where the packet was. */
export function stepsOf(packet: PacketTrace, layout: Layout): Step[] {
  let at: string | null = null;
  let where = '';
  return packet.events.map((event) => {
    const ns = nsKey(event.host, event.ns);
    const dev = deviceOf(event);
    const wanted = dev === null ? stackId(event.host, event.ns) : deviceId(event.host, event.ns, dev);
    if (!(event.kind === 'drop' && where === ns && at !== null))
      at = layout.nodes.has(wanted)
        ? wanted
        : layout.nodes.has(stackId(event.host, event.ns))
          ? stackId(event.host, event.ns)
          : at;
    where = ns;
    return { event, node: at };
  });
}

/** What the picture has to show for these packets. */
export function scopeOf(packets: readonly PacketTrace[]): {
  only: Set<string>;
  hosts: Set<string>;
  devices: Set<string>;
} {
  const only = new Set<string>();
  const hosts = new Set<string>();
  const devices = new Set<string>();
  for (const event of packets.flatMap((p) => p.events)) {
    only.add(nsKey(event.host, event.ns));
    hosts.add(event.host);
    const dev = deviceOf(event);
    if (dev !== null) devices.add(deviceId(event.host, event.ns, dev));
  }
  return { only, hosts, devices };
}

/** The line of a trail: straight from node to node, and between hosts along the segment that joins them. */
export function trailPoints(trail: readonly string[], layout: Layout): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  const segmentOf = (id: string): Node | undefined =>
    layout.nodes.get(layout.wires.find((w) => w.kind === 'cable' && w.from === id)?.to ?? '');
  let before: Node | undefined;
  for (const id of trail) {
    const node = layout.nodes.get(id);
    if (!node) continue;
    const segment = before && segmentOf(before.id);
    if (before && segment && segment === segmentOf(id))
      points.push({ x: before.x, y: segment.y }, { x: node.x, y: segment.y });
    points.push({ x: node.x, y: node.y });
    before = node;
  }
  return points;
}
