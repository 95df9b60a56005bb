import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import type { NetNs } from '../types.ts';

/** Notes that a packet ends here: kfree_skb_reason(). `text` is made only when the trace is on. */
export function drop(world: World, ns: NetNs, packet: Packet, reason: string, text: () => string, hint?: string): void {
  if (world.trace.off) return;
  record(
    world,
    ns,
    packet,
    hint === undefined ? { kind: 'drop', reason, text: text() } : { kind: 'drop', reason, text: text(), hint },
  );
}
