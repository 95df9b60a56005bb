'use client';
import type { WorkSession } from '../terminal/work-session.ts';
import { PacketPathPanel } from '../topology/packet-path-panel.tsx';
import { IntlIsland, type IntlProps } from '../ui/intl-island.tsx';

/** The packet's path with the messages it needs. */
export function LessonPath({ work, intl }: { work: WorkSession; intl: IntlProps }) {
  return (
    <IntlIsland {...intl}>
      <PacketPathPanel work={work} />
    </IntlIsland>
  );
}
