/** Each loss has the reason that the real kernel gives for it at skb:kfree_skb. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { isBackground, type PacketTrace, packetsOf } from '../../trace/flows.ts';
import type { DropCases, RecordedDrops } from './recorded.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { topologies, cases } = read('cases.json') as DropCases;
const { kernel, reasons } = read('recorded.json') as RecordedDrops;

const reasonsIn = (packets: readonly PacketTrace[]): Set<string> =>
  new Set(packets.flatMap((packet) => packet.events.flatMap((e) => (e.kind === 'drop' ? [e.reason] : []))));

describe(`reasons of lost packets, as recorded on Linux ${kernel}`, () => {
  it.each(cases)('$name', ({ name, topology, setup, trigger, reason }) => {
    const machine = buildScene('bare', 1);
    for (const cmd of [...(topologies[topology] ?? []), ...setup]) {
      const { stderr } = runStep(machine, { cmd });
      expect(stderr, cmd).toBe('');
    }
    const { trace } = machine.world;
    const before = trace.events.at(-1)?.seq ?? 0;
    runStep(machine, { cmd: trigger });
    const lost = packetsOf(trace.since(before)).filter((packet) => packet.outcome === 'dropped');
    const own = lost.filter((packet) => !isBackground(packet));
    const found = reasonsIn(own.length > 0 ? own : lost);
    // What a timer frees may have been brought about by other losses.
    if (reason) expect(found).toContain(reasons[name]);
    else expect(found).toEqual(new Set([reasons[name]]));
  });
});
