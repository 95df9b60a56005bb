'use client';
import { type Layout, NODE_HEIGHT, NODE_WIDTH, type Node, type Wire } from './layout.ts';
import { trailPoints } from './steps.ts';
import styles from './topology.module.css';

interface TopologyViewProps {
  layout: Layout;
  /** What the picture shows, in words. */
  label: string;
  /** Nodes that the packet has passed, in order; the last is where it is. */
  trail?: readonly string[];
  outcome?: 'delivered' | 'dropped' | 'on its way';
}

/** A network as a picture; a packet's way through it on top. */
export function TopologyView({ layout, label, trail = [], outcome = 'on its way' }: TopologyViewProps) {
  const current = layout.nodes.get(trail.at(-1) ?? '');
  const passed = new Set(trail);
  const points = trailPoints(trail, layout);
  return (
    <svg
      className={styles.picture}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      style={{ minWidth: layout.width * 0.72, maxWidth: layout.width * 1.15 }}
      role="img"
      aria-label={label}
    >
      {layout.boxes.map((box) => (
        <g key={box.id} className={box.kind === 'host' ? styles.host : styles.netns}>
          <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={10} />
          <text x={box.x + 12} y={box.y + 18}>
            {box.label}
          </text>
        </g>
      ))}
      {layout.wires.map((wire) => (
        <WireLine key={`${wire.from} ${wire.to}`} wire={wire} layout={layout} />
      ))}
      {points.length > 1 ? (
        <polyline className={styles.trail} points={points.map((p) => `${p.x},${p.y}`).join(' ')} />
      ) : null}
      {[...layout.nodes.values()].map((node) => (
        <NodeBox
          key={node.id}
          node={node}
          state={node === current ? 'here' : passed.has(node.id) ? 'passed' : 'idle'}
        />
      ))}
      {current ? (
        <circle
          className={styles.packet}
          data-outcome={outcome}
          r={8}
          style={{ transform: `translate(${current.x + NODE_WIDTH / 2 - 8}px, ${current.y - NODE_HEIGHT / 2 + 6}px)` }}
        />
      ) : null}
    </svg>
  );
}

function WireLine({ wire, layout }: { wire: Wire; layout: Layout }) {
  const from = layout.nodes.get(wire.from);
  const to = layout.nodes.get(wire.to);
  if (!from || !to) return null;
  // A cable goes straight down to its segment, wherever the segment's middle is.
  const x2 = to.kind === 'segment' ? from.x : to.x;
  return <line className={styles.wire} data-kind={wire.kind} x1={from.x} y1={from.y} x2={x2} y2={to.y} />;
}

function NodeBox({ node, state }: { node: Node; state: 'here' | 'passed' | 'idle' }) {
  const height = node.kind === 'segment' || node.kind === 'stack' ? 30 : NODE_HEIGHT;
  return (
    <g className={styles.node} data-kind={node.kind} data-state={state} data-up={node.up}>
      <rect
        x={node.x - node.width / 2}
        y={node.y - height / 2}
        width={node.width}
        height={height}
        rx={node.kind === 'stack' ? 15 : 6}
      />
      <text x={node.x} y={node.note === '' ? node.y + 4 : node.y - 3}>
        {clip(node.label, 15)}
      </text>
      {node.note === '' ? null : (
        <text className={styles.note} x={node.x} y={node.y + 13}>
          {clip(node.note, 18)}
        </text>
      )}
    </g>
  );
}

const clip = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
