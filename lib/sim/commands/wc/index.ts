import type { Proc, Program } from '../../kernel/process.ts';
import { utf8Length } from '../../text/utf8.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, eachInput } from '../files.ts';
import { print } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = { short: 'clmwL', long: { bytes: 'c', chars: 'm', lines: 'l', words: 'w', 'max-line-length': 'L' } };

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const chosen = new Set(parsed.options.map((o) => o.key));
  const keys = 'lwmcL'.split('').filter((k) => (chosen.size === 0 ? 'lwc'.includes(k) : chosen.has(k)));
  const { inputs, failed } = yield* eachInput(proc, parsed.operands);
  const rows = inputs.map(({ path, text }) => ({
    label: parsed.operands.length > 0 ? path : '',
    counts: keys.map((k) => count(text, k)),
  }));
  if (parsed.operands.length > 1) {
    rows.push({
      label: 'total',
      counts: keys.map((k, i) =>
        rows.reduce((n, r) => (k === 'L' ? Math.max(n, r.counts[i] as number) : n + (r.counts[i] as number)), 0),
      ),
    });
  }
  // Wide enough for the size of all the files, whatever is counted.
  const bytes = inputs.reduce((n, { text }) => n + utf8Length(text), 0);
  const piped = parsed.operands.length === 0 || parsed.operands.includes('-');
  const width = keys.length === 1 && rows.length === 1 ? 1 : Math.max(piped ? 7 : 1, String(bytes).length);
  for (const row of rows) {
    yield* print(
      `${row.counts.map((n) => String(n).padStart(width)).join(' ')}${row.label === '' ? '' : ` ${row.label}`}\n`,
    );
  }
  return failed ? 1 : 0;
}

function count(text: string, key: string): number {
  switch (key) {
    case 'l':
      return text.split('\n').length - 1;
    case 'w':
      return text.split(/\s+/).filter((w) => w !== '').length;
    case 'm':
      return [...text].length;
    case 'c':
      return utf8Length(text);
    default:
      return Math.max(0, ...text.split('\n').map(columns));
  }
}

/** Columns of a line; a tab goes to the next multiple of eight. */
function columns(line: string): number {
  let at = 0;
  for (const c of line) at = c === '\t' ? at + 8 - (at % 8) : at + 1;
  return at;
}

export const command = defineCommand({
  name: 'wc',
  dir: '/usr/bin',
  summary: 'count lines, words, bytes',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-c -l -m -w -L'),
  run,
});
