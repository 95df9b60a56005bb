/** flatnet: the simulator's own command. It reads the trace of packets that the engine keeps. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import { explainDrop, inPlace } from '../../trace/explain.ts';
import {
  type FlowTrace,
  flowName,
  flowsOf,
  lastDrop,
  lastFlow,
  lastWaiting,
  type PacketTrace,
  packetsOf,
} from '../../trace/flows.ts';
import { placeOf, renderTrace } from '../../trace/words.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';

const USAGE = `Usage: flatnet why              explain the last packet that was lost
       flatnet trace [last N]   print the last N flows hop by hop, with their replies (default 1)
`;

function* main(proc: Proc): Program {
  const [verb, ...rest] = proc.argv.slice(1);
  if (verb === 'why' && rest.length === 0) return yield* why(proc);
  if (verb === 'trace') {
    const count = rest.length === 0 ? 1 : rest.length === 2 && rest[0] === 'last' ? positive(rest[1] as string) : null;
    if (count !== null) return yield* showFlows(proc, count);
  }
  const help = verb === 'help' || verb === '--help' || verb === '-h';
  yield* help ? print(USAGE) : printErr(USAGE);
  return help ? 0 : 2;
}

const positive = (text: string): number | null => (/^[1-9]\d{0,5}$/.test(text) ? Number(text) : null);

function* why(proc: Proc): Io<number> {
  const packets = packetsOf(proc.world.trace.events);
  const waiting = lastWaiting(packets);
  if (waiting) return yield* waits(waiting);
  const lost = lastDrop(packets);
  if (!lost) {
    yield* print('No packet was lost so far.\n');
    return 1;
  }
  const e = explainDrop(lost.packet, lost.drop);
  yield* print(
    `Lost:    ${e.packet}\n` +
      `Where:   ${e.place}\n` +
      `Why:     ${e.why}\n` +
      `Kernel:  ${e.reason}\n` +
      (e.answered ? `Answer:  ${e.answered}\n` : '') +
      (e.hint ? `Hint:    ${e.hint}\n` : '') +
      `Look:    ${e.command}   (on ${e.host})\n` +
      `\n${renderTrace(lost.packet.events)}`,
  );
  return 0;
}

function* waits(packet: PacketTrace): Io<number> {
  const end = packet.events.at(-1) as TraceEvent & { kind: 'neigh' };
  yield* print(
    `Waits:   ${flowName(packet.first)}\n` +
      `Where:   ${placeOf(end)}\n` +
      `Why:     nobody has told the hardware address of ${end.ip} on ${end.dev} so far\n` +
      `Look:    ${inPlace(end, `ip neigh show ${end.ip}`)}   (on ${end.host})\n` +
      `\n${renderTrace(packet.events)}`,
  );
  return 0;
}

function* showFlows(proc: Proc, count: number): Io<number> {
  const flows = flowsOf(packetsOf(proc.world.trace.events));
  const chosen = count === 1 ? [lastFlow(flows)] : flows.slice(-count);
  const packets = chosen
    .filter((flow): flow is FlowTrace => flow !== null)
    .flatMap((flow) => [flow.request, flow.reply]);
  const events = packets.filter((p): p is PacketTrace => p !== null).flatMap((p) => p.events);
  if (events.length === 0) {
    yield* print('No packet was sent so far.\n');
    return 1;
  }
  yield* print(renderTrace(events));
  return 0;
}

export const command = defineCommand({
  name: 'flatnet',
  dir: '/usr/local/bin',
  summary: 'explain what happened to packets',
  images: ['node', 'netshoot'],
  options: [
    { flag: 'why', modelled: true },
    { flag: 'trace', value: 'last N', modelled: true },
  ],
  run: main,
  complete: ({ words }) =>
    words.length === 1 ? ['why', 'trace', 'help'] : words[1] === 'trace' && words.length === 2 ? ['last'] : [],
});
