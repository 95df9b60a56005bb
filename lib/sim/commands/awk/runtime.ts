/** awk's state: variables, the record and its fields, output. */

import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { compileRegex, type Regex } from '../../text/regex.ts';
import { fromInput, toNumber, toText, type Value } from './value.ts';

export type AwkArray = Map<string, Value>;

export class AwkError extends Error {}

const MAX_OUTPUT = 4_000_000;
const MAX_FIELD = 30_000;

export class Runtime {
  readonly globals = new Map<string, Value | AwkArray>();
  /** What waits to be written, in order. */
  readonly output: { fd: number; text: string }[] = [];
  private readonly files = new Map<string, (text: string) => string | null>();
  private readonly regexes = new Map<string, Regex>();
  private record = '';
  private fields: Value[] = [];
  private split = true;
  private pending = 0;
  /** Lines read ahead, for getline. */
  queue: string[] | null = null;
  /** The seed that srand() set, and the state of rand() since; null for the world's own. */
  random: { seed: number; state: number } | null = null;
  readonly opened = new Map<string, string[]>();

  constructor(readonly proc: Proc) {
    for (const [name, value] of Object.entries({
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      NR: 0,
      NF: 0,
      FNR: 0,
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      RSTART: 0,
      RLENGTH: -1,
      FILENAME: '',
    })) {
      this.globals.set(name, value);
    }
  }

  text(name: string): string {
    const v = this.globals.get(name);
    return v instanceof Map ? '' : toText(v);
  }

  get $0(): string {
    return this.record;
  }

  setRecord(text: string): void {
    this.record = text;
    this.split = false;
    this.globals.delete('NF');
  }

  /** Splits the record when its fields are first looked at. */
  private ensure(): void {
    if (this.split) return;
    this.split = true;
    this.fields = this.splitText(this.record, this.text('FS')).map(fromInput);
    this.globals.set('NF', this.fields.length);
  }

  nf(): number {
    this.ensure();
    return this.fields.length;
  }

  field(n: number): Value {
    if (n === 0) return fromInput(this.record);
    if (n < 0) throw new AwkError(`negative field index $${n}`);
    this.ensure();
    return this.fields[n - 1];
  }

  setField(n: number, value: Value): void {
    if (n === 0) {
      this.setRecord(toText(value));
      return;
    }
    if (n < 0 || n > MAX_FIELD)
      throw new AwkError(n < 0 ? `negative field index $${n}` : `field index $${n} too large`);
    this.ensure();
    while (this.fields.length < n) this.fields.push('');
    this.fields[n - 1] = value;
    this.rebuild();
  }

  setNf(n: number): void {
    if (n < 0 || n > MAX_FIELD) throw new AwkError('NF set to a bad value');
    this.ensure();
    this.fields.length = Math.min(this.fields.length, n);
    while (this.fields.length < n) this.fields.push('');
    this.rebuild();
  }

  private rebuild(): void {
    this.globals.set('NF', this.fields.length);
    this.record = this.fields.map((f) => toText(f, this.text('CONVFMT'))).join(this.text('OFS'));
  }

  regex(source: string): Regex {
    let found = this.regexes.get(source);
    if (!found) {
      found = compileRegex(source, { extended: true, noIntervals: true });
      if (this.regexes.size > 500) this.regexes.clear();
      this.regexes.set(source, found);
    }
    return found;
  }

  splitText(text: string, fs: string): string[] {
    if (text === '') return [];
    if (fs === ' ') return text.split(/[ \t\n]+/).filter((f) => f !== '');
    if (fs === '') return [...text];
    if (fs.length === 1 && fs !== '\\') return text.split(fs);
    const regex = this.regex(fs === '\\' ? '\\\\' : fs);
    const out: string[] = [];
    let from = 0;
    for (let at = 0; at <= text.length; ) {
      const m = regex.exec(text, at);
      if (!m) break;
      if (m.end === m.index) {
        at = m.end + 1;
        continue;
      }
      out.push(text.slice(from, m.index));
      from = at = m.end;
    }
    out.push(text.slice(from));
    return out;
  }

  write(text: string, file: string | null, append: boolean): void {
    if (file === null || file === '/dev/stdout' || file === '-') this.emit(1, text);
    else if (file === '/dev/stderr') this.emit(2, text);
    else {
      let writer = this.files.get(file);
      if (!writer) {
        const opened = vfsOf(this.proc).open(file, append ? 'a' : 'w');
        if (!opened.ok) throw new AwkError(`cannot open "${file}" for output`);
        const desc = opened.value;
        writer = desc.kind === 'file' ? (t) => desc.write(t) : () => null;
        this.files.set(file, writer);
      }
      if (writer(text)) throw new AwkError(`write failure on "${file}"`);
    }
  }

  private emit(fd: number, text: string): void {
    this.pending += text.length;
    if (this.pending > MAX_OUTPUT) throw new AwkError('program output too large for one record');
    this.output.push({ fd, text });
  }

  takeOutput(): { fd: number; text: string }[] {
    this.pending = 0;
    return this.output.splice(0);
  }

  close(file: string): number {
    const known = this.files.delete(file);
    return this.opened.delete(file) || known ? 0 : -1;
  }

  array(name: string): AwkArray {
    const v = this.globals.get(name);
    if (v instanceof Map) return v;
    if (v !== undefined) throw new AwkError(`type error in array reference: ${name} is a scalar`);
    const made: AwkArray = new Map();
    this.globals.set(name, made);
    return made;
  }

  /** The next line of a file for `getline < file`; null at its end, undefined when it cannot be read. */
  lineOf(file: string): string | null | undefined {
    let lines = this.opened.get(file);
    if (!lines) {
      const got = vfsOf(this.proc).readFile(file);
      if (!got.ok) return undefined;
      lines = got.value.replace(/\n$/, '').split('\n');
      if (got.value === '') lines = [];
      this.opened.set(file, lines);
    }
    return lines.shift() ?? null;
  }

  count(name: 'NR' | 'FNR'): void {
    const v = this.globals.get(name);
    this.globals.set(name, (v instanceof Map ? 0 : toNumber(v)) + 1);
  }
}
