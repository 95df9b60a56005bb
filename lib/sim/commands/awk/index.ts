import { closeFd } from '../../kernel/files.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { getopt } from '../../text/getopt.ts';
import { RegexError } from '../../text/regex.ts';
import { defineCommand } from '../contract.ts';
import { openInput } from '../files.ts';
import { notModelled, printErr, read, readAll } from '../io.ts';
import { optionDocs } from '../options.ts';
import { AwkNotModelled } from './expr.ts';
import { Interpreter } from './interp.ts';
import { AwkSyntaxError, unescapeText } from './lex.ts';
import { parseAwk } from './parse.ts';
import { RecordReader } from './records.ts';
import { AwkError, Runtime } from './runtime.ts';
import { fromInput } from './value.ts';

const USAGE = 'usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n';

function* run(proc: Proc): Program {
  const parsed = getopt(proc.argv.slice(1), { short: '+F:v:f:W:', long: { version: '', help: '' } });
  if (parsed.error !== undefined) {
    yield* printErr(`awk: ${parsed.error.replace('invalid option -- ', 'not an option: -').replace(/'/g, '')}\n`);
    return 2;
  }
  const operands = [...parsed.operands];
  let source = '';
  for (const o of parsed.options) {
    if (o.key === 'W' || o.key === 'version' || o.key === 'help') return yield* notModelled(`awk -${o.key}`);
    if (o.key !== 'f') continue;
    const text = vfsOf(proc).readFile(o.value ?? '');
    if (!text.ok) {
      yield* printErr(`awk: can't open file ${o.value}\n`);
      return 2;
    }
    source += `${text.value}\n`;
  }
  if (!parsed.options.some((o) => o.key === 'f')) {
    const program = operands.shift();
    if (program === undefined) {
      yield* printErr(USAGE);
      return 2;
    }
    source = program;
  }
  const rt = new Runtime(proc);
  try {
    for (const o of parsed.options) {
      if (o.key === 'F') rt.globals.set('FS', o.value === 't' ? 't' : unescapeText(o.value ?? ' '));
      if (o.key === 'v' && !setVariable(rt, o.value ?? '')) {
        yield* printErr(`awk: improper assignment: -v ${o.value}\n`);
        return 2;
      }
    }
    rt.globals.set('ARGC', operands.length + 1);
    rt.globals.set('ARGV', new Map([['0', 'awk'], ...operands.map((o, i): [string, string] => [String(i + 1), o])]));
    rt.globals.set('ENVIRON', new Map([...proc.env].map(([k, v]) => [k, fromInput(v)])));
    return yield* runProgram(proc, new Interpreter(parseAwk(source), rt), operands);
  } catch (error) {
    if (error instanceof AwkNotModelled) return yield* notModelled(`awk: ${error.message}`);
    if (error instanceof AwkSyntaxError) yield* printErr(`awk: line ${error.line}: ${error.message}\n`);
    else if (error instanceof RegexError)
      yield* printErr(`awk: regular expression compile failed (${error.message})\n`);
    else if (error instanceof AwkError) yield* printErr(`awk: ${error.message}\n${position(rt, error)}`);
    else throw error;
    return 2;
  }
}

/** Where a program stood when it failed. */
const position = (rt: Runtime, error: AwkError): string =>
  error.message.startsWith('run time error')
    ? `\tFILENAME="${rt.text('FILENAME')}" FNR=${rt.text('FNR')} NR=${rt.text('NR')}\n`
    : '';

function setVariable(rt: Runtime, text: string): boolean {
  const m = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  if (m) rt.globals.set(m[1] as string, fromInput(unescapeText(m[2] as string)));
  return m !== null;
}

function* flush(rt: Runtime): Io<void> {
  const pending = rt.takeOutput();
  for (let i = 0; i < pending.length; ) {
    const { fd } = pending[i] as { fd: number };
    let data = '';
    for (; pending[i]?.fd === fd; i++) data += pending[i]?.text;
    yield { op: 'write', fd, data };
  }
}

function* runProgram(proc: Proc, it: Interpreter, operands: readonly string[]): Io<number> {
  const { rt } = it;
  let failed: unknown = null;
  const guarded = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      failed = error;
      return otherwise;
    }
  };
  let signal = guarded(() => it.runSpecial('BEGIN'), 'exit' as const);
  yield* flush(rt);
  if (failed) throw failed;
  const reads = it.program.rules.some((r) => r.kind !== 'BEGIN');
  let status = 0;
  if (signal !== 'exit' && reads) {
    const files = operands.filter((o) => !/^[A-Za-z_]\w*=/.test(o)).length > 0 ? operands : [...operands, '-'];
    for (const file of files) {
      if (/^[A-Za-z_]\w*=/.test(file)) {
        setVariable(rt, file);
        continue;
      }
      const input = openInput(proc, file);
      if ('errno' in input) {
        yield* printErr(`awk: cannot open ${file} (${strerror(input.errno)})\n`);
        status = 2;
        continue;
      }
      rt.globals.set('FILENAME', file === '-' ? '' : file);
      rt.globals.set('FNR', 0);
      const reader = new RecordReader(rt);
      let done = false;
      while (!done) {
        const chunk = it.program.getline ? yield* readAll(input.fd) : yield* read(input.fd);
        done = chunk === null || it.program.getline;
        if (chunk !== null) reader.feed(chunk);
        const records = reader.take(done);
        if (it.program.getline) rt.queue = records;
        for (let record = records.shift(); record !== undefined; record = records.shift()) {
          const text = record;
          signal = guarded(() => {
            rt.setRecord(text);
            rt.count('NR');
            rt.count('FNR');
            return it.runRecord();
          }, 'exit' as const);
          yield* flush(rt);
          if (failed) throw failed;
          if (signal === 'exit' || signal === 'nextfile') break;
        }
        if (signal === 'exit' || signal === 'nextfile') break;
      }
      if (input.fd !== 0) closeFd(proc, input.fd);
      if (signal === 'exit') break;
    }
  }
  guarded(() => it.runSpecial('END'), null);
  yield* flush(rt);
  if (failed) throw failed;
  return it.exitStatus || status;
}

export const command = defineCommand({
  name: 'awk',
  aliases: ['mawk'],
  dir: '/usr/bin',
  summary: 'pattern scanning and processing',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-F=FS -v=VAR=VALUE -f=FILE'),
  notModelled: ['"command" | getline', 'print | "command"', 'system()'],
  run,
});
