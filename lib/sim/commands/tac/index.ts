import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { ParsedOptions } from '../../text/getopt.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, eachInput, hasOption, lastOption, linesOf } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

/** Filters that see whole lines: `transform` gets the lines of each input. */
function filter(
  name: string,
  summary: string,
  options: string,
  short: string,
  transform: (inputs: string[][], parsed: ParsedOptions, texts: string[]) => string,
) {
  return defineCommand({
    name,
    dir: '/usr/bin',
    summary,
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs(options),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, { short });
      if (typeof parsed === 'number') return parsed;
      const { inputs, failed } = yield* eachInput(proc, parsed.operands);
      yield* print(
        transform(
          inputs.map((i) => linesOf(i.text)),
          parsed,
          inputs.map((i) => i.text),
        ),
      );
      return failed ? 1 : 0;
    },
  });
}

const joined = (lines: readonly string[]): string => lines.map((l) => `${l}\n`).join('');

/** Operands that are standard input share its lines: each row takes the next for each of them. */
function shareInput(inputs: string[][], operands: readonly string[]): string[][] {
  const dashes = operands.filter((o) => o === '-').length;
  if (dashes < 2) return inputs;
  const lines = inputs[operands.indexOf('-')] ?? [];
  let nth = 0;
  return inputs.map((own, i) => {
    if (operands[i] !== '-') return own;
    const mine = nth++;
    return lines.filter((_, at) => at % dashes === mine);
  });
}

function paste(files: string[][], parsed: ParsedOptions): string {
  const inputs = hasOption(parsed, 's') ? files : shareInput(files, parsed.operands);
  const glue = [...(lastOption(parsed, 'd') ?? '\t').replace(/\\t/g, '\t').replace(/\\n/g, '\n')];
  const join = (parts: readonly string[]) =>
    parts.map((p, i) => (i === 0 ? p : (glue[(i - 1) % Math.max(1, glue.length)] ?? '') + p)).join('');
  if (hasOption(parsed, 's')) return joined(inputs.map(join));
  const rows = Math.max(0, ...inputs.map((l) => l.length));
  return joined(Array.from({ length: rows }, (_, r) => join(inputs.map((l) => l[r] ?? ''))));
}

function number(inputs: string[][], parsed: ParsedOptions): string {
  const all = lastOption(parsed, 'b') === 'a';
  let n = 0;
  return joined(inputs.flat().map((l) => (l !== '' || all ? `${String(++n).padStart(6)}\t${l}` : '       ')));
}

function* comm(proc: Proc): Io<number> {
  const parsed = yield* coreutilsOptions(proc, { short: '123' });
  if (typeof parsed === 'number') return parsed;
  if (parsed.operands.length !== 2) {
    const [first] = parsed.operands;
    yield* printErr(
      `comm: ${parsed.operands.length > 2 ? `extra operand ‘${parsed.operands[2]}’` : first === undefined ? 'missing operand' : `missing operand after ‘${first}’`}\nTry 'comm --help' for more information.\n`,
    );
    return 1;
  }
  const { inputs, failed } = yield* eachInput(proc, parsed.operands);
  if (failed) return 1;
  const [a = [], b = []] = inputs.map((i) => linesOf(i.text));
  const hide = (n: string) => hasOption(parsed, n);
  const columns = ['', hide('1') ? '' : '\t', (hide('1') ? '' : '\t') + (hide('2') ? '' : '\t')];
  let out = '';
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [x, y] = [a[i], b[j]];
    const order = x === undefined ? 1 : y === undefined ? -1 : x < y ? -1 : x > y ? 1 : 0;
    const column = order < 0 ? 1 : order > 0 ? 2 : 3;
    if (!hide(String(column))) out += `${columns[column - 1]}${order > 0 ? y : x}\n`;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  yield* print(out);
  return 0;
}

/** Programs that a Debian 12 host has and the model knows by name only. */
const UNMODELLED =
  'df free top vi vim nano ed apt apt-get dpkg man uptime who w last od hexdump xxd expr cmp fold expand column join split nproc tty lsof strace htop file id groups useradd passwd mount umount dmesg lscpu lsblk du tar gzip gunzip zip python3 perl openssl'.split(
    ' ',
  );

export const commands = [
  filter('tac', 'print lines backwards', '', '', (_, __, texts) =>
    texts.map((text) => (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).reverse().join('')).join(''),
  ),
  filter('rev', "reverse each line's characters", '', '', (inputs) =>
    joined(inputs.flat().map((l) => [...l].reverse().join(''))),
  ),
  filter('paste', 'join lines of files', '-d=LIST -s', 'd:sz', paste),
  filter('nl', 'number lines', '-b=STYLE', 'b:', number),
  defineCommand({
    name: 'comm',
    dir: '/usr/bin',
    summary: 'compare sorted files',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-1 -2 -3'),
    run: comm,
  }),
  defineCommand({
    name: 'df',
    aliases: UNMODELLED.slice(1),
    dir: '/usr/bin',
    summary: 'known, without a model',
    images: ['node'],
    options: [],
    notModelled: ['all of it'],
    *run(proc: Proc): Program {
      const name = (proc.argv[0] ?? 'df').replace(/^.*\//, '');
      const hint = /^(vi|vim|nano|ed)$/.test(name)
        ? ": write files with a here-document (cat > FILE <<'EOF') or change them with sed -i"
        : '';
      return yield* notModelled(name + hint);
    },
  }),
];
