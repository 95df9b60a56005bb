import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, eachInput, hasOption, lastOption, linesOf } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { comparator, parseKey, type SortKey } from './keys.ts';

const SPEC = {
  short: 'bcCdfghik:mMno:rRsS:t:T:uVz',
  long: {
    'ignore-leading-blanks': 'b',
    check: 'c',
    'dictionary-order': 'd',
    'ignore-case': 'f',
    'general-numeric-sort': 'g',
    'human-numeric-sort': 'h',
    'key=': 'k',
    merge: 'm',
    'numeric-sort': 'n',
    'output=': 'o',
    reverse: 'r',
    stable: 's',
    'field-separator=': 't',
    unique: 'u',
    'version-sort': 'V',
    'random-sort': 'R',
    'month-sort': 'M',
  },
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC, 2);
  if (typeof parsed === 'number') return parsed;
  for (const key of ['R', 'M', 'z', 'i']) if (hasOption(parsed, key)) return yield* notModelled(`sort -${key}`);
  const separator = lastOption(parsed, 't') ?? null;
  if (separator !== null && separator !== '\\0' && [...separator].length !== 1) {
    yield* printErr(separator === '' ? 'sort: empty tab\n' : `sort: multi-character tab ‘${separator}’\n`);
    return 2;
  }
  const global = parsed.options
    .map((o) => o.key)
    .filter((k) => 'bdfghnrV'.includes(k))
    .join('');
  const keys: SortKey[] = [];
  for (const o of parsed.options.filter((p) => p.key === 'k')) {
    const key = parseKey(o.value ?? '', global);
    if (typeof key === 'string') {
      yield* printErr(`sort: ${key}\n`);
      return 2;
    }
    keys.push(key);
  }
  const { inputs, failed } = yield* eachInput(proc, parsed.operands);
  if (failed) return 2;
  const lines = inputs.flatMap((i) => linesOf(i.text));
  const stable = hasOption(parsed, 's') || hasOption(parsed, 'u');
  const compare = comparator(keys, global, separator, stable);
  if (hasOption(parsed, 'c') || hasOption(parsed, 'C')) {
    const at = lines.findIndex(
      (l, i) =>
        i > 0 &&
        (compare(lines[i - 1] as string, l) > 0 ||
          (hasOption(parsed, 'u') && compare(lines[i - 1] as string, l) === 0)),
    );
    if (at < 0) return 0;
    if (!hasOption(parsed, 'C'))
      yield* printErr(`sort: ${parsed.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}\n`);
    return 1;
  }
  lines.sort(compare);
  const kept = hasOption(parsed, 'u')
    ? lines.filter((l, i) => i === 0 || compare(lines[i - 1] as string, l) !== 0)
    : lines;
  const text = kept.map((l) => `${l}\n`).join('');
  const output = lastOption(parsed, 'o');
  if (output === undefined) yield* print(text);
  else {
    const done = vfsOf(proc).writeFile(output, text);
    if (!done.ok) {
      yield* printErr(`sort: open failed: ${output}: ${strerror(done.errno)}\n`);
      return 2;
    }
  }
  return 0;
}

export const command = defineCommand({
  name: 'sort',
  dir: '/usr/bin',
  summary: 'sort lines',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-b -c -d -f -g -h -k=KEYDEF -n -o=FILE -r -s -t=SEP -u -V ! -R -M -z -i'),
  run,
});
