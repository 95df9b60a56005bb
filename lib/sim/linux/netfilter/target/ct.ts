import { type CheckContext, defineTarget, fail, NotModelled, type Refusal } from '../ext.ts';
import { parseUint } from '../values.ts';

interface CtArgs {
  notrack: boolean;
  /** Zone of both directions, or of one; -1 takes the packet's mark. */
  zone: number | null;
  zoneDir: 'orig' | 'reply' | null;
  events: string[];
  expected: string[];
}

const rawOnly = (_args: unknown, { table }: CheckContext): Refusal => (table === 'raw' ? null : 'EINVAL');

function words(args: CtArgs, prefix: string): string {
  if (args.notrack) return ` ${prefix}notrack`;
  let text = '';
  if (args.events.length > 0) text += ` ${prefix}ctevents ${args.events.join(',')}`;
  if (args.expected.length > 0) text += ` ${prefix}expevents ${args.expected.join(',')}`;
  if (args.zone !== null)
    text += ` ${prefix}zone${args.zoneDir ? `-${args.zoneDir}` : ''} ${args.zone < 0 ? 'mark' : args.zone}`;
  return text;
}

/** Events in the order of their bits (libxt_CT.c). */
const EVENTS = 'new related destroy reply assured protoinfo helper mark natseqinfo secmark'.split(' ');

function eventsOf(text: string, known: readonly string[]): string[] {
  const asked = text.split(',');
  const unknown = asked.find((word) => !known.includes(word));
  if (unknown !== undefined) fail(`Unknown event type "${unknown}"`);
  return known.filter((word) => asked.includes(word));
}

export const ct = defineTarget<CtArgs>({
  name: 'CT',
  tracks: (args) => !args.notrack,
  options: [
    { name: 'notrack' },
    { name: 'helper', arg: true },
    { name: 'timeout', arg: true },
    { name: 'ctevents', arg: true },
    { name: 'expevents', arg: true },
    { name: 'zone-orig', arg: true },
    { name: 'zone-reply', arg: true },
    { name: 'zone', arg: true },
  ],
  init: () => ({ notrack: false, zone: null, zoneDir: null, events: [], expected: [] }),
  option(args, id, value) {
    if (id === 'notrack') args.notrack = true;
    else if (id.startsWith('zone')) {
      const zone = value === 'mark' ? -1 : parseUint(value, 65535);
      if (zone === null) fail(`Cannot parse ${value} as a zone ID`);
      args.zone = zone;
      args.zoneDir = id === 'zone-orig' ? 'orig' : id === 'zone-reply' ? 'reply' : null;
    } else if (id === 'ctevents') args.events = eventsOf(value, EVENTS);
    else if (id === 'expevents') args.expected = eventsOf(value, ['new']);
    else throw new NotModelled(`iptables -j CT --${id}`);
  },
  accept: rawOnly,
  save: (args) => words(args, '--'),
  list: (args) => `CT${words(args, '')}`,
  apply(args, { packet }) {
    if (packet.ct) return 'CONTINUE';
    if (args.notrack) packet.ct = { id: 0, reply: false, state: 'UNTRACKED' };
    else if (args.zone !== null) packet.ctZone = args.zone < 0 ? packet.mark & 0xffff : args.zone;
    return 'CONTINUE';
  },
});

export const notrack = defineTarget<object>({
  name: 'NOTRACK',
  listName: 'CT',
  options: [],
  init: () => ({}),
  option: () => {},
  accept: rawOnly,
  save: () => '',
  list: () => 'NOTRACK',
  apply(_args, { packet }) {
    packet.ct ??= { id: 0, reply: false, state: 'UNTRACKED' };
    return 'CONTINUE';
  },
});
