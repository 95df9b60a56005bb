import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, eachInput, hasOption, lastOption, linesOf } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: 'b:c:d:f:nsz',
  notModelled: ['z'],
  long: {
    'bytes=': 'b',
    'characters=': 'c',
    'delimiter=': 'd',
    'fields=': 'f',
    'only-delimited': 's',
    'output-delimiter=': 'O',
    complement: 'C',
  },
};
const HINT = "Try 'cut --help' for more information.\n";

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const lists = parsed.options.filter((o) => 'bcf'.includes(o.key));
  const fail = function* (message: string): Program {
    yield* printErr(`cut: ${message}\n${HINT}`);
    return 1;
  };
  const [list] = lists;
  if (!list) return yield* fail('you must specify a list of bytes, characters, or fields');
  if (lists.length > 1) return yield* fail('only one list may be specified');
  const byField = list.key === 'f';
  const delimiter = lastOption(parsed, 'd') ?? '\t';
  if (!byField && hasOption(parsed, 'd'))
    return yield* fail('an input delimiter may be specified only when operating on fields');
  if ([...delimiter].length > 1) return yield* fail('the delimiter must be a single character');
  const ranges = parseRanges(list.value ?? '', byField);
  if (typeof ranges === 'string') return yield* fail(ranges);
  const glue = lastOption(parsed, 'O') ?? (byField ? delimiter : '');
  const wanted = (i: number) => ranges.some(([a, b]) => i >= a && i <= b) !== hasOption(parsed, 'C');
  const { inputs, failed } = yield* eachInput(proc, parsed.operands);
  for (const { text } of inputs) {
    let out = '';
    for (const line of linesOf(text)) {
      const parts = byField ? line.split(delimiter) : [...line];
      if (byField && parts.length === 1) {
        if (!hasOption(parsed, 's')) out += `${line}\n`;
      } else out += `${parts.filter((_, i) => wanted(i + 1)).join(glue)}\n`;
    }
    yield* print(out);
  }
  return failed ? 1 : 0;
}

function parseRanges(text: string, fields: boolean): [number, number][] | string {
  const what = fields ? 'field' : 'byte/character position';
  const out: [number, number][] = [];
  for (const item of text.split(/[, ]/)) {
    const m = /^(\d*)(-?)(\d*)$/.exec(item);
    if (!m) return `invalid ${what === 'field' ? 'field value' : what} '${item}'`;
    const [, from = '', dash, to = ''] = m;
    if (dash && from === '' && to === '') return 'invalid range with no endpoint: -';
    if (!dash && from === '')
      return fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1';
    const a = from === '' ? 1 : Number(from);
    const b = dash ? (to === '' ? Number.POSITIVE_INFINITY : Number(to)) : a;
    if (a === 0 || b === 0)
      return fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1';
    if (b < a) return 'invalid decreasing range';
    out.push([a, b]);
  }
  return out;
}

export const command = defineCommand({
  name: 'cut',
  dir: '/usr/bin',
  summary: 'select parts of lines',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-b=LIST -c=LIST -d=DELIM -f=LIST -s --complement --output-delimiter=STRING ! -z'),
  run,
});
