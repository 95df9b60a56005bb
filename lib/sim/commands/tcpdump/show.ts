/** One packet's lines: number, time stamp, what the printers say, dumps. */
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveAddress } from '../../linux/resolve/resolve.ts';
import type { LinkType } from './filter/frame.ts';
import type { Options } from './options.ts';
import type { SavedFrame } from './pcap.ts';
import { Dissector, dissect, newState, type PrintState } from './print/dissector.ts';
import { asciiDump, hexDump } from './print/dump.ts';
import { printCooked1, printCooked2, printEthernet, printRaw } from './print/ether.ts';
import { timeStamp } from './print/time.ts';

export interface Printer {
  options: Options;
  link: LinkType;
  state: PrintState;
  interfaceName: (index: number) => string;
  /** Packets printed, and the times -ttt and -ttttt count from. */
  printed: number;
  first: number;
  last: number;
}

export const newPrinter = (options: Options, link: LinkType, interfaceName: (index: number) => string): Printer => ({
  options,
  link,
  state: newState(options),
  interfaceName,
  printed: 0,
  first: -1,
  last: 0,
});

/** The packet's description and the length of its link header. */
export function linesOf(
  p: Printer,
  frame: Pick<SavedFrame, 'bytes' | 'length'>,
): { text: string; head: number; d: Dissector } {
  const d = new Dissector(p.state, frame.bytes);
  // A printer that runs into the end of the snapshot leaves the dump at the frame's first byte.
  let head = 0;
  const text = dissect(d, () => {
    if (p.link === 'EN10MB') head = printEthernet(d, 0, frame.length);
    else if (p.link === 'RAW') head = printRaw(d, 0, frame.length);
    else if (p.link === 'LINUX_SLL') head = printCooked1(d, 0, frame.length);
    else head = printCooked2(d, 0, frame.length, p.interfaceName);
  });
  return { text, head, d };
}

/** Prints a packet; without -n the names of its addresses are looked up first. */
export function* lineOf(proc: Proc, p: Printer, frame: SavedFrame): Io<string> {
  const { options } = p;
  if (p.first < 0) p.first = p.last = frame.at;
  p.printed++;
  let said = linesOf(p, frame);
  // A first run finds which names are wanted; the conversations it noted are noted again.
  for (let round = 0; round < 4 && said.d.unknown.size > 0; round++) {
    for (const ip of said.d.unknown) p.state.names.set(ip, yield* resolveAddress(proc, ip));
    for (const [key, value] of said.d.added) if (value === null) p.state.conversations.delete(key);
    said = linesOf(p, frame);
  }
  const number = options.number ? `${String(p.printed).padStart(5)}  ` : '';
  const stamp = timeStamp(options.time, frame.at, options.time === 5 ? p.first : p.last, options.nano, frame.nano);
  p.last = frame.at;
  let line = number + stamp + said.text;
  const dump = (link: boolean) => frame.bytes.slice(link ? 0 : said.head);
  if (options.ascii) line += asciiDump(dump(options.ascii > 1));
  else if (options.hexAscii) line += hexDump(dump(options.hexAscii > 1), true);
  else if (options.hex) line += hexDump(dump(options.hex > 1), false);
  return `${line}\n`;
}
