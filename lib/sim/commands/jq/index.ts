import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { readInput } from '../files.ts';
import { isTty, notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { type Filter, JqError, JqNotModelled, JqSyntaxError, type Json } from './ast.ts';
import { type Env, run as evaluateFilter } from './eval.ts';
import { type PrintStyle, printJson, readStream } from './json.ts';
import { parseJq } from './parse.ts';
import { truthy } from './value.ts';

const MAX_STEPS = 1_000_000;
/** Steps that count as one system call of the machine's bounds. */
const STEPS_A_CALL = 100;
const LONG: Record<string, string> = {
  'raw-output': 'r',
  'compact-output': 'c',
  'exit-status': 'e',
  slurp: 's',
  'null-input': 'n',
  'raw-input': 'R',
  'sort-keys': 'S',
  'join-output': 'j',
  'ascii-output': 'a',
  'color-output': 'C',
  'monochrome-output': 'M',
  tab: 'tab',
  'from-file': 'f',
};

/** Options of jq 1.6 that the model has not. */
const NOT_MODELLED = [
  '--stream',
  '--seq',
  '--args',
  '--jsonargs',
  '--slurpfile',
  '--rawfile',
  '--argfile',
  '--unbuffered',
];

interface Options {
  flags: Set<string>;
  vars: Map<string, Json>;
  operands: string[];
  indent: number;
}

function parseArguments(args: readonly string[]): Options | string {
  const o: Options = { flags: new Set(), vars: new Map(), operands: [], indent: 2 };
  const named: Record<string, Json> = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!/^-./.test(arg)) o.operands.push(arg);
    else if (arg === '--arg' || arg === '--argjson') {
      const [name, text] = [args[++i], args[++i]];
      if (name === undefined || text === undefined)
        return `jq: ${arg} takes two parameters (e.g. ${arg} varname ${arg === '--arg' ? 'value' : 'text'})`;
      const read = arg === '--arg' ? { values: [text as Json], error: null } : readStream(text);
      const [value] = read.values;
      if (read.error !== null || value === undefined) return `jq: Invalid JSON text passed to --argjson`;
      o.vars.set(name, value);
      named[name] = value;
    } else if (arg === '--indent') o.indent = Number(args[++i]);
    else if (arg.startsWith('--')) {
      const key = LONG[arg.slice(2)];
      if (NOT_MODELLED.includes(arg)) return `flatnet: not modelled: jq ${arg}`;
      if (key === undefined) return `Unknown arguments`;
      o.flags.add(key);
    } else
      for (const letter of arg.slice(1)) {
        if (!'rcesnRSjaCMf'.includes(letter)) return 'Unknown arguments';
        o.flags.add(letter);
      }
  }
  o.vars.set('__named', named);
  return o;
}

const USAGE =
  'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n';

function* run(proc: Proc): Program {
  const o = parseArguments(proc.argv.slice(1));
  if (typeof o === 'string') {
    yield* printErr(`${o}\n${o === 'Unknown arguments' ? USAGE : ''}`);
    return o.startsWith('flatnet:') ? 64 : 2;
  }
  const { flags } = o;
  let source = o.operands.shift();
  if (flags.has('f') && source !== undefined) {
    const text = vfsOf(proc).readFile(source);
    if (!text.ok) {
      yield* printErr(`jq: error: Could not open ${source}: ${strerror(text.errno)}\n`);
      return 2;
    }
    source = text.value;
  }
  if (source === undefined) return yield* notModelled('jq without a filter');
  let filter: Filter;
  try {
    filter = parseJq(source);
  } catch (error) {
    if (error instanceof JqNotModelled) return yield* notModelled(`jq: ${error.message}`);
    if (!(error instanceof JqSyntaxError)) throw error;
    // The line, and as many spaces as stand before the place (jq_report_error).
    const before = source.slice(0, error.at).split('\n');
    const line = source.split('\n')[before.length - 1] ?? '';
    yield* printErr(
      `jq: error: ${error.message} (Unix shell quoting issues?) at <top-level>, line ${before.length}:\n${line}${' '.repeat((before.at(-1) ?? '').length)}\njq: 1 compile error\n`,
    );
    return 3;
  }
  const style: PrintStyle = {
    compact: flags.has('c'),
    indent: flags.has('tab') ? '\t' : ' '.repeat(Math.min(7, Math.max(0, o.indent || 0))),
    sortKeys: flags.has('S'),
    ascii: flags.has('a'),
    colour: flags.has('C') || (isTty(proc, 1) && !flags.has('M')),
  };
  let failed = 0;
  let texts = '';
  for (const path of o.operands.length > 0 || flags.has('n') ? o.operands : ['-']) {
    const got = yield* readInput(proc, path);
    if ('text' in got) texts += got.text;
    else {
      yield* printErr(`jq: error: Could not open ${path}: ${strerror(got.errno)}\n`);
      failed = 2;
    }
  }
  const stream = flags.has('R') ? { values: raw(texts, flags.has('s')), error: null } : readStream(texts);
  const inputs = flags.has('n') ? [null] : flags.has('s') && !flags.has('R') ? [stream.values] : stream.values;
  const env: Env = {
    vars: new Map(o.vars).set('ENV', Object.fromEntries(proc.env)),
    functions: new Map(),
    closures: new Map(),
    steps: { left: MAX_STEPS },
    depth: 0,
  };
  let last: Json | undefined;
  for (const input of inputs) {
    const before = env.steps.left;
    try {
      for (const value of evaluateFilter(filter, input, env)) {
        last = value;
        const text = (flags.has('r') || flags.has('j')) && typeof value === 'string' ? value : printJson(value, style);
        yield* print(flags.has('j') ? text : `${text}\n`);
      }
    } catch (error) {
      if (error instanceof JqNotModelled) return yield* notModelled(`jq: ${error.message}`);
      if (!(error instanceof JqError)) throw error;
      yield* printErr(
        `jq: error (at ${o.operands[0] ?? '<stdin>'}:${Math.max(0, texts.split('\n').length - 1)})${typeof error.value === 'string' ? `: ${error.value}` : ` (not a string): ${JSON.stringify(error.value)}`}\n`,
      );
      failed = 5;
    } finally {
      proc.machine.steps += Math.floor((before - env.steps.left) / STEPS_A_CALL);
    }
  }
  if (stream.error !== null) {
    yield* printErr(
      `jq: error (at ${o.operands[0] ?? '<stdin>'}:${texts.split('\n').length - 1}): ${stream.error}\n`
        .replace('jq: error', 'parse error')
        .replace(/ \(at [^)]*\)/, ''),
    );
    return 4;
  }
  if (failed) return failed;
  if (flags.has('e')) return last === undefined ? 4 : truthy(last) ? 0 : 1;
  return 0;
}

const raw = (text: string, slurp: boolean): Json[] =>
  slurp ? [text] : text === '' ? [] : text.replace(/\n$/, '').split('\n');

export const command = defineCommand({
  name: 'jq',
  dir: '/usr/bin',
  summary: 'filter JSON',
  images: ['node', 'netshoot'],
  options: optionDocs(
    '-r -c -e -s -n -R -S -j -a -C -M -f --tab --indent=N --arg=NAME --argjson=NAME ! --stream --seq --args --slurpfile',
  ),
  notModelled: ['label/break', 'input/inputs', 'limit of paths', 'dates', 'SQL and streaming functions'],
  run,
});
