import { tcpHeaderLength } from '../../../packet/packet.ts';
import { defineTarget, fail } from '../ext.ts';
import { parseUint } from '../values.ts';

const NAMES: Record<string, number> = { wscale: 3, mss: 2, 'sack-permitted': 4, sack: 5, timestamp: 8, md5: 19 };

const nameOf = (option: number): string => Object.entries(NAMES).find(([, n]) => n === option)?.[0] ?? String(option);

/** Takes options out of TCP headers: xt_TCPOPTSTRIP.c. */
export const tcpoptstrip = defineTarget<{ strip: number[] }>({
  name: 'TCPOPTSTRIP',
  options: [{ name: 'strip-options', arg: true }],
  init: () => ({ strip: [] }),
  option(args, _id, value) {
    for (const word of value.split(',')) {
      const option = NAMES[word] ?? parseUint(word, 255);
      if (option === null) fail(`Bad TCP option value "${word}"`);
      if (option < 2) fail('Option value may not be 0 or 1');
      if (args.strip.includes(option)) fail(`Option "${word}" already specified`);
      args.strip.push(option);
    }
    args.strip.sort((a, b) => a - b);
  },
  accept: (_args, { table, head }) =>
    table === 'mangle' && head.proto?.number === 6 && !head.proto.not ? null : 'EINVAL',
  save: (args) => (args.strip.length === 0 ? '' : ` --strip-options ${args.strip.join(',')}`),
  list: (args, numeric) =>
    args.strip.length === 0
      ? null
      : `TCPOPTSTRIP options ${args.strip.map((o) => (numeric ? o : nameOf(o))).join(',')}`,
  apply({ strip }, { packet: { tcp } }) {
    if (!tcp) return 'CONTINUE';
    const before = tcpHeaderLength(tcp);
    if (strip.includes(2)) delete tcp.mss;
    if (strip.includes(3)) delete tcp.wscale;
    if (strip.includes(4)) delete tcp.sackOk;
    if (strip.includes(8)) delete tcp.ts;
    // What was there stays as long as it was.
    const lost = before - tcpHeaderLength(tcp);
    if (lost > 0) tcp.nops = (tcp.nops ?? 0) + lost;
    return 'CONTINUE';
  },
});
