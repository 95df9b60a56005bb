/** tcpdump -r: packets of a capture file. */
import type { Io, Proc } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { textToBytes } from '../../text/utf8.ts';
import { readInput } from '../files.ts';
import { print, printErr } from '../io.ts';
import { LINK_NAMES } from './devices.ts';
import { compile } from './names.ts';
import type { Options } from './options.ts';
import { loadFile } from './pcap.ts';
import { openSave, type Save } from './save.ts';
import { lineOf, newPrinter } from './show.ts';

function* fail(message: string): Io<number> {
  yield* printErr(`tcpdump: ${message}\n`);
  return 1;
}

/** Reads `path` (`-`: standard input) and prints, counts or saves what passes the filter. */
export function* readSaved(proc: Proc, options: Options, path: string): Io<number> {
  const read = yield* readInput(proc, path);
  if ('errno' in read) return yield* fail(`${path}: ${strerror(read.errno as never)}`);
  const loaded = loadFile(textToBytes(read.text));
  if (!loaded.ok) return yield* fail(loaded.error);
  const { file } = loaded;
  yield* printErr(
    `reading from file ${path}, link-type ${file.link} (${LINK_NAMES[file.link]}), snapshot length ${file.snaplen}\n`,
  );
  if (file.link === 'LINUX_SLL2') yield* printErr('Warning: interface names might be incorrect\n');
  const filter = yield* compile(proc, options, { link: file.link, live: false });
  if (!filter.ok) return yield* fail(filter.error);
  let save: Save | null = null;
  if (options.writeFile !== null) {
    const opened = yield* openSave(proc, options.writeFile, file.link, file.snaplen, options.nano);
    if (typeof opened === 'string') return yield* fail(opened);
    save = opened;
  }
  const printer = newPrinter(options, file.link, (index) => proc.netns.links.get(index)?.name ?? '?');
  let count = 0;
  for (const frame of file.frames) {
    if (count === options.count) break;
    if (!filter.test({ bytes: frame.bytes, link: file.link, length: frame.length, overrun: false })) continue;
    count++;
    if (save) yield* save.write(frame);
    if (!options.countOnly && (!save || options.printToo)) yield* print(yield* lineOf(proc, printer, frame));
  }
  if (options.countOnly) yield* print(`${count} packet${count === 1 ? '' : 's'}\n`);
  if (file.truncated && count !== options.count) return yield* fail(`pcap_loop: ${file.truncated}`);
  return 0;
}
