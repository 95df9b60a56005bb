/** Standard input of `restore` and `showdump`: netlink messages behind a magic number. `save` is not modelled. */
import type { Program } from '../../kernel/process.ts';
import { Exit } from '../../text/iproute.ts';
import { read } from '../io.ts';

/** check_dump_magic: whatever is read here was not written by `save`. */
export function* checkDump(status: number): Program {
  let text = '';
  while (text.length < 4) {
    const chunk = yield* read();
    if (chunk === null) break;
    text += chunk;
  }
  const whole = text.length >= 4;
  const bytes = [...text.slice(0, 4)].map((c) => c.charCodeAt(0) & 255);
  const magic = whole ? bytes.reduceRight((value, byte) => value * 256 + byte, 0) : 0;
  throw new Exit(status, `Magic mismatch (${whole ? 1 : 0} elems, ${magic.toString(16)} magic)\n`);
}
