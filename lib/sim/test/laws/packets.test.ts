/** Laws of packets: none is lost without a word, and what NAT does to a packet its reply undoes. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { flowsOf, isBackground, packetsOf } from '../../trace/flows.ts';
import { renderTrace } from '../../trace/words.ts';
import { changes, network, traffic, translation } from './network.ts';

const RUNS = Number(process.env.FLATNET_LAWS ?? 25);
/** Fixed, so that the same worlds are tried everywhere; FLATNET_LAWS_SEED tries others. */
const SEED = Number(process.env.FLATNET_LAWS_SEED ?? 20261124);

test('a packet is delivered, dropped or answered, never lost', () => {
  const seen = { delivered: 0, dropped: 0, 'on its way': 0 };
  void fc.assert(
    fc.property(changes, traffic, (before, sent) => {
      const machine = network();
      for (const cmd of before) runStep(machine, { cmd });
      const { trace } = machine.world;
      const from = trace.events.at(-1)?.seq ?? 0;
      for (const cmd of sent) runStep(machine, { cmd });
      runStep(machine, { cmd: 'sleep 40' });
      const packets = packetsOf(trace.since(from)).filter((packet) => !isBackground(packet));
      for (const packet of packets) seen[packet.outcome]++;
      const silent = packets.filter((packet) => packet.outcome === 'on its way');
      expect(silent.map((packet) => renderTrace(packet.events))).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(Math.min(seen.delivered, seen.dropped)).toBeGreaterThan(RUNS / 4);
});

test('what NAT does to a packet is undone for its reply', () => {
  const seen = { translated: 0 };
  void fc.assert(
    fc.property(fc.array(translation, { minLength: 1, maxLength: 3 }), traffic, (rules, sent) => {
      const machine = network();
      for (const cmd of rules) runStep(machine, { cmd });
      const { trace } = machine.world;
      const from = trace.events.at(-1)?.seq ?? 0;
      for (const cmd of sent) runStep(machine, { cmd });
      for (const { request, reply } of flowsOf(packetsOf(trace.since(from)))) {
        if (!reply || !request.events.some((e) => e.kind === 'nat') || reply.first.proto !== request.first.proto)
          continue;
        if (reply.outcome !== 'delivered' || reply.first.info?.startsWith('type ')) continue;
        seen.translated++;
        const { src, dst, sport, dport } = reply.last;
        const { first } = request;
        expect({ src, dst, sport, dport }).toEqual({
          src: first.dst,
          dst: first.src,
          sport: first.dport,
          dport: first.sport,
        });
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(seen.translated).toBeGreaterThan(RUNS / 10);
});
