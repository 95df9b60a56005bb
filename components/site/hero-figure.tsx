import styles from './hero-figure.module.css';

interface BoxProps {
  x: number;
  y: number;
  w: number;
  name: string;
  note?: string;
  kind?: 'pod' | 'device';
}

function Box({ x, y, w, name, note, kind = 'device' }: BoxProps) {
  return (
    <g className={styles[kind]}>
      <rect x={x} y={y} width={w} height={note ? 44 : 30} rx="6" />
      <text x={x + w / 2} y={y + 19} textAnchor="middle">
        {name}
      </text>
      {note ? (
        <text x={x + w / 2} y={y + 35} textAnchor="middle" className={styles.note}>
          {note}
        </text>
      ) : null}
    </g>
  );
}

function Host({ x, name, note }: { x: number; name: string; note: string }) {
  return (
    <g>
      <rect x={x} y={10} width={236} height={262} rx="12" className={styles.host} />
      <text x={x + 16} y={34} className={styles.name}>
        {name}
      </text>
      <text x={x + 220} y={34} textAnchor="end" className={styles.note}>
        {note}
      </text>
    </g>
  );
}

const WIRE = 'M90 96 V188 H146 V242 H198 V306 H362 V242 H414 V188 H470 V96';

/** The way of one packet from Pod to Pod over VXLAN, drawn once. */
export function HeroFigure({ label }: { label: string }) {
  return (
    <svg viewBox="0 0 560 330" className={styles.figure} role="img" aria-label={label}>
      <Host x={12} name="node1" note="192.168.56.11" />
      <Host x={312} name="node2" note="192.168.56.12" />
      <path d={WIRE} className={styles.wire} />
      <path d={WIRE} className={styles.flow} pathLength="100" />
      <Box x={34} y={52} w={112} name="pod-a" note="10.244.1.5" kind="pod" />
      <Box x={414} y={52} w={112} name="pod-c" note="10.244.2.5" kind="pod" />
      <Box x={44} y={122} w={92} name="veth" />
      <Box x={424} y={122} w={92} name="veth" />
      <Box x={100} y={173} w={92} name="cni0" />
      <Box x={368} y={173} w={92} name="cni0" />
      <Box x={124} y={227} w={108} name="flannel.1" />
      <Box x={328} y={227} w={108} name="flannel.1" />
      <g className={styles.tag}>
        <rect x="204" y="293" width="152" height="26" rx="5" />
        <text x="280" y="310" textAnchor="middle">
          UDP 8472 · VNI 1
        </text>
      </g>
    </svg>
  );
}
