/**
 * Where everything stands in the picture: hosts side by side, in each its Pods and namespaces above, then the host's
 * own devices in layers (veths, bridges, the IP stack, tunnels, NICs), and the segments between hosts below. Pure.
 */
import type { TopologyLink, TopologyNetns, TopologySnapshot } from '#sim/index.ts';

export interface Box {
  id: string;
  kind: 'host' | 'netns';
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Node {
  id: string;
  kind: string;
  label: string;
  /** Its first address, or what it is for. */
  note: string;
  up: boolean;
  /** Centre. */
  x: number;
  y: number;
  width: number;
}

export interface Wire {
  from: string;
  to: string;
  /** `over`: not a cable, a tunnel riding on a NIC. */
  kind: 'veth' | 'port' | 'over' | 'cable';
}

export interface Layout {
  width: number;
  height: number;
  boxes: Box[];
  nodes: Map<string, Node>;
  wires: Wire[];
}

export interface LayoutOptions {
  /** Namespaces to show, as {@link nsKey}; all when absent. Host namespaces are always shown. */
  only?: ReadonlySet<string>;
  /** Hosts to show; all when absent. */
  hosts?: ReadonlySet<string>;
  /** Devices to show although they are left out as a rule (lo). */
  devices?: ReadonlySet<string>;
}

export const NODE_WIDTH = 116;
export const NODE_HEIGHT = 42;
const GAP_X = 14;
const GAP_Y = 26;
const PAD = 14;
const TITLE = 24;
const PODS_PER_ROW = 3;
const HOST_GAP = 28;
const SEGMENT_HEIGHT = 34;

export const nsKey = (host: string, label: string): string => `${host}|${label}`;
export const deviceId = (host: string, label: string, dev: string): string => `${nsKey(host, label)}|${dev}`;
/** The namespace's IP stack: where hooks and routing are. */
export const stackId = (host: string, label: string): string => `${nsKey(host, label)}|`;
export const segmentId = (id: number): string => `segment ${id}`;

const TUNNELS = new Set(['vxlan', 'ipip', 'gre', 'gretap', 'geneve', 'wireguard', 'tun', 'sit', 'ip6tnl']);

function layerOf(link: TopologyLink): number {
  if (link.kind === 'phys') return 4;
  if (TUNNELS.has(link.kind)) return 3;
  if (link.kind === 'bridge' || link.kind === 'bond') return 1;
  return link.kind === 'veth' ? 0 : 3;
}

/** IPv4 before IPv6; link-local addresses say nothing in a picture. */
const firstAddress = (link: TopologyLink): string =>
  link.addrs.find((a) => !a.includes(':')) ?? link.addrs.find((a) => !a.startsWith('fe80:')) ?? '';

class Builder {
  readonly boxes: Box[] = [];
  readonly nodes = new Map<string, Node>();
  readonly wires: Wire[] = [];

  /** Namespaces that are drawn, by id. */
  private readonly shown: ReadonlySet<number>;

  constructor(
    snapshot: TopologySnapshot,
    private readonly options: LayoutOptions,
  ) {
    const drawn = snapshot.hosts.flatMap(({ name, namespaces }) =>
      namespaces.filter((ns) => ns.root || this.isWanted(name, ns)),
    );
    this.shown = new Set(drawn.map((ns) => ns.id));
  }

  private isWanted(host: string, ns: TopologyNetns): boolean {
    return this.options.only?.has(nsKey(host, ns.label)) ?? true;
  }

  /** Draws a host at (x, y); answers its box. */
  host(name: string, namespaces: readonly TopologyNetns[], x: number, y: number): Box {
    const root = namespaces.find((ns) => ns.root);
    const pods = namespaces.filter((ns) => !ns.root && this.isWanted(name, ns));
    const box: Box = { id: name, kind: 'host', label: name, x, y, width: 0, height: 0 };
    this.boxes.push(box);
    let top = y + TITLE + PAD;
    let width = NODE_WIDTH + 2 * PAD;
    const rows: TopologyNetns[][] = [];
    for (let at = 0; at < pods.length; at += PODS_PER_ROW) rows.push(pods.slice(at, at + PODS_PER_ROW));
    const layers = root ? this.layers(name, root) : [];
    const podRows = rows.map((row) =>
      row.map((ns) => ({
        ns,
        width: Math.max(1, this.visible(name, ns).length) * (NODE_WIDTH + GAP_X) - GAP_X + 2 * PAD,
      })),
    );
    for (const row of podRows)
      width = Math.max(width, row.reduce((sum, p) => sum + p.width, GAP_X * (row.length - 1)) + 2 * PAD);
    for (const layer of layers) width = Math.max(width, layer.length * (NODE_WIDTH + GAP_X) - GAP_X + 2 * PAD);
    for (const row of podRows) {
      const used = row.reduce((sum, p) => sum + p.width, GAP_X * (row.length - 1));
      let left = x + (width - used) / 2;
      for (const pod of row) {
        this.pod(name, pod.ns, left, top, pod.width);
        left += pod.width + GAP_X;
      }
      top += this.podHeight() + GAP_Y;
    }
    for (const layer of layers) {
      let centre = x + (width - (layer.length * (NODE_WIDTH + GAP_X) - GAP_X)) / 2 + NODE_WIDTH / 2;
      for (const node of layer) {
        this.nodes.set(node.id, { ...node, x: centre, y: top + NODE_HEIGHT / 2 });
        centre += NODE_WIDTH + GAP_X;
      }
      top += NODE_HEIGHT + GAP_Y;
    }
    box.width = width;
    box.height = top - GAP_Y + PAD - y;
    return box;
  }

  private podHeight(): number {
    return TITLE + 2 * NODE_HEIGHT + GAP_Y / 2 + PAD;
  }

  /** Devices to draw: lo, and cables to namespaces that are not drawn, only when a packet was there. */
  private visible(host: string, ns: TopologyNetns): TopologyLink[] {
    return ns.links.filter((link) => {
      if (this.options.devices?.has(deviceId(host, ns.label, link.name))) return true;
      return link.kind !== 'loopback' && !(link.peer && !this.shown.has(link.peer.ns));
    });
  }

  private stack(host: string, ns: TopologyNetns): Node {
    return {
      id: stackId(host, ns.label),
      kind: 'stack',
      label: 'IP',
      note: '',
      up: true,
      x: 0,
      y: 0,
      width: NODE_WIDTH * 0.8,
    };
  }

  private device(host: string, ns: TopologyNetns, link: TopologyLink): Node {
    return {
      id: deviceId(host, ns.label, link.name),
      kind: link.kind,
      label: link.name,
      note: firstAddress(link) || link.note,
      up: link.up && link.carrier,
      x: 0,
      y: 0,
      width: NODE_WIDTH,
    };
  }

  private layers(host: string, root: TopologyNetns): Node[][] {
    const layers: Node[][] = [[], [], [this.stack(host, root)], [], []];
    for (const link of this.visible(host, root)) layers[layerOf(link)]?.push(this.device(host, root, link));
    return layers.filter((layer) => layer.length > 0);
  }

  private pod(host: string, ns: TopologyNetns, x: number, y: number, width: number): void {
    this.boxes.push({
      id: nsKey(host, ns.label),
      kind: 'netns',
      label: ns.label,
      x,
      y,
      width,
      height: this.podHeight(),
    });
    const stack = this.stack(host, ns);
    this.nodes.set(stack.id, { ...stack, x: x + width / 2, y: y + TITLE + NODE_HEIGHT / 2 });
    let centre = x + PAD + NODE_WIDTH / 2;
    for (const link of this.visible(host, ns)) {
      const node = this.device(host, ns, link);
      this.nodes.set(node.id, { ...node, x: centre, y: y + TITLE + GAP_Y / 2 + NODE_HEIGHT * 1.5 });
      centre += NODE_WIDTH + GAP_X;
    }
  }

  /** Wires between the nodes that are shown. */
  wire(snapshot: TopologySnapshot): void {
    const names = new Map<string, string>();
    for (const host of snapshot.hosts) {
      for (const ns of host.namespaces)
        for (const link of ns.links) names.set(`${ns.id} ${link.ifindex}`, deviceId(host.name, ns.label, link.name));
    }
    const add = (from: string, to: string | undefined, kind: Wire['kind']): void => {
      if (to !== undefined && this.nodes.has(from) && this.nodes.has(to)) this.wires.push({ from, to, kind });
    };
    for (const host of snapshot.hosts) {
      for (const ns of host.namespaces) {
        const nic = ns.links.find((l) => l.kind === 'phys');
        for (const link of ns.links) {
          const id = deviceId(host.name, ns.label, link.name);
          const peer = link.peer && names.get(`${link.peer.ns} ${link.peer.ifindex}`);
          if (peer && id < peer) add(id, peer, 'veth');
          if (link.master !== '') add(id, deviceId(host.name, ns.label, link.master), 'port');
          if (TUNNELS.has(link.kind) && nic) add(id, deviceId(host.name, ns.label, nic.name), 'over');
          if (link.segment !== null) add(id, segmentId(link.segment), 'cable');
        }
      }
    }
  }
}

/** The picture of a network. */
export function layOut(snapshot: TopologySnapshot, options: LayoutOptions = {}): Layout {
  const builder = new Builder(snapshot, options);
  let x = PAD;
  let bottom = 0;
  for (const { name, namespaces } of snapshot.hosts) {
    if (options.hosts && !options.hosts.has(name)) continue;
    const box = builder.host(name, namespaces, x, PAD);
    x += box.width + HOST_GAP;
    bottom = Math.max(bottom, box.y + box.height);
  }
  const width = Math.max(x - HOST_GAP, 2 * PAD + NODE_WIDTH) + PAD;
  alignToBottom(builder, bottom);
  const used = new Set(
    snapshot.hosts.flatMap((h) =>
      options.hosts && !options.hosts.has(h.name) ? [] : h.namespaces.flatMap((ns) => ns.links.map((l) => l.segment)),
    ),
  );
  for (const segment of snapshot.segments) {
    if (!used.has(segment.id)) continue;
    bottom += GAP_Y + SEGMENT_HEIGHT;
    builder.nodes.set(segmentId(segment.id), {
      id: segmentId(segment.id),
      kind: 'segment',
      label: segment.name,
      note: '',
      up: true,
      x: width / 2,
      y: bottom - SEGMENT_HEIGHT / 2,
      width: width - 4 * PAD,
    });
  }
  builder.wire(snapshot);
  return { width, height: bottom + PAD, boxes: builder.boxes, nodes: builder.nodes, wires: builder.wires };
}

/** Hosts end on one line, and their devices with them: NICs stand side by side. */
function alignToBottom(builder: Builder, bottom: number): void {
  for (const box of builder.boxes) {
    if (box.kind !== 'host') continue;
    const shift = bottom - box.y - box.height;
    if (shift === 0) continue;
    box.height += shift;
    const inside = builder.boxes.filter((b) => b.kind === 'netns' && b.id.startsWith(`${box.id}|`));
    for (const [id, node] of builder.nodes) {
      if (!id.startsWith(`${box.id}|`)) continue;
      if (inside.some((b) => id.startsWith(`${b.id}|`))) continue;
      node.y += shift;
    }
  }
}
