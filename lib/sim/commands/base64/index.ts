import type { Proc, Program } from '../../kernel/process.ts';
import { decodeBase64, encodeBase64 } from '../../text/base64.ts';
import { utf8Decode, utf8Encode } from '../../text/utf8.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, eachInput, hasOption, lastOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'base64',
  dir: '/usr/bin',
  summary: 'encode and decode base64',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-d -w=COLS -i'),
  *run(proc: Proc): Program {
    const parsed = yield* coreutilsOptions(proc, {
      short: 'dw:i',
      long: { decode: 'd', 'wrap=': 'w', 'ignore-garbage': 'i' },
    });
    if (typeof parsed === 'number') return parsed;
    const { inputs, failed } = yield* eachInput(proc, parsed.operands.slice(0, 1));
    if (failed) return 1;
    const text = inputs[0]?.text ?? '';
    if (hasOption(parsed, 'd')) {
      const bytes = decodeBase64(hasOption(parsed, 'i') ? text.replace(/[^A-Za-z0-9+/=]/g, '') : text);
      yield* print(utf8Decode(bytes ?? [], true));
      if (bytes) return 0;
      yield* printErr('base64: invalid input\n');
      return 1;
    }
    const columns = Number(lastOption(parsed, 'w') ?? 76) || 0;
    const encoded = encodeBase64(utf8Encode(text));
    if (columns === 0) yield* print(encoded);
    else
      yield* print(
        (encoded.match(new RegExp(`.{1,${Math.min(columns, 60000)}}`, 'g')) ?? []).map((l) => `${l}\n`).join(''),
      );
    return 0;
  },
});
