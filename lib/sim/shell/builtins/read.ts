/** read, mapfile, getopts. */

import { notModelled, printErr, waitFor } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { errorPrefix, type Shell } from '../state.ts';
import { getVar, isName, setVar, toArray, writable } from '../vars.ts';

interface ReadOptions {
  raw: boolean;
  array: string | null;
  delimiter: string;
  count: number | null;
  prompt: string;
  timeout: number | null;
  fd: number;
  names: string[];
}

const MAX_LINE = 1_000_000;

export function* read(shell: Shell, words: readonly string[]): Io<number> {
  const o = yield* readOptions(shell, words);
  if (typeof o === 'number') return o;
  for (const name of o.array === null ? o.names : [o.array]) {
    if (isName(name)) continue;
    yield* printErr(`${errorPrefix(shell)}read: \`${name}': not a valid identifier\n`);
    return 1;
  }
  const file = shell.proc.fds.get(o.fd);
  if (!file) {
    yield* printErr(`${errorPrefix(shell)}read: ${o.fd}: invalid file descriptor: Bad file descriptor\n`);
    return 1;
  }
  if (o.prompt !== '' && file.kind === 'tty') yield* printErr(o.prompt);
  if (o.timeout !== null) {
    const ready = () => file.kind !== 'tty' || file.tty.lines.length > 0 || file.tty.eof;
    const pipeReady = () => (file.kind === 'pipe' ? file.pipe.buffer !== '' || file.pipe.writers === 0 : ready());
    if (!(yield* waitFor(pipeReady, shell.proc.world.now + o.timeout * 1e6))) return 142;
  }
  const { line, complete } = yield* readLine(shell, o);
  store(shell, o, line);
  return complete ? 0 : 1;
}

function* readOptions(shell: Shell, words: readonly string[]): Io<ReadOptions | number> {
  const o: ReadOptions = {
    raw: false,
    array: null,
    delimiter: '\n',
    count: null,
    prompt: '',
    timeout: null,
    fd: 0,
    names: [],
  };
  let i = 1;
  for (; i < words.length; i++) {
    const w = words[i] as string;
    if (w === '--') {
      i++;
      break;
    }
    if (!/^-./.test(w)) break;
    for (let k = 1; k < w.length; k++) {
      const letter = w[k] as string;
      if (letter === 'r') o.raw = true;
      else if (letter === 's' || letter === 'e') continue;
      else if ('adnNptui'.includes(letter)) {
        const value = k + 1 < w.length ? w.slice(k + 1) : words[++i];
        if (value === undefined) {
          yield* printErr(`${errorPrefix(shell)}read: -${letter}: option requires an argument\n`);
          return 2;
        }
        if (letter === 'a') o.array = value;
        else if (letter === 'd') o.delimiter = value[0] ?? '\0';
        else if (letter === 'n' || letter === 'N') o.count = Number(value) || 0;
        else if (letter === 'p') o.prompt = value;
        else if (letter === 't') o.timeout = Number(value) || 0;
        else if (letter === 'u') o.fd = Number(value);
        break;
      } else {
        yield* printErr(`${errorPrefix(shell)}read: -${letter}: invalid option\n`);
        return 2;
      }
    }
  }
  o.names = words.slice(i);
  return o;
}

/** Reads one line; `\x01` before a character marks it as quoted by a backslash. */
function* readLine(shell: Shell, o: ReadOptions): Io<{ line: string; complete: boolean }> {
  const file = shell.proc.fds.get(o.fd);
  let line = '';
  if (file?.kind === 'tty') {
    // A terminal gives whole lines.
    for (;;) {
      const chunk = (yield { op: 'read', fd: o.fd }) as string | null;
      if (chunk === null) return { line, complete: false };
      const text = chunk.replace(/\n$/, '');
      if (o.raw || !/(?:^|[^\\])(?:\\\\)*\\$/.test(text))
        return { line: line + (o.raw ? text : mark(text)), complete: true };
      line += mark(text.slice(0, -1));
    }
  }
  let taken = 0;
  while (line.length < MAX_LINE && (o.count === null || taken < o.count)) {
    let c = (yield { op: 'read', fd: o.fd, max: 1 }) as string | null;
    if (c === null) return { line, complete: false };
    if (c === o.delimiter) return { line, complete: true };
    if (c === '\\' && !o.raw) {
      c = (yield { op: 'read', fd: o.fd, max: 1 }) as string | null;
      if (c === null) return { line, complete: false };
      if (c === '\n') continue;
      line += `\x01${c}`;
    } else line += c;
    taken++;
  }
  return { line, complete: true };
}

const mark = (text: string): string => text.replace(/\\(.)/g, '\x01$1');
const unmark = (text: string): string => text.replace(/\x01(.)/gs, '$1');

function store(shell: Shell, o: ReadOptions, line: string): void {
  const ifs = getVar(shell, 'IFS') ?? ' \t\n';
  if (o.array !== null) {
    const v = writable(shell, o.array);
    toArray(v);
    v.items = new Map(split(line, ifs, Number.POSITIVE_INFINITY).map((w, i) => [String(i), unmark(w)]));
    return;
  }
  if (o.names.length === 0) {
    setVar(shell, 'REPLY', unmark(line));
    return;
  }
  const fields = split(line, ifs, o.names.length);
  o.names.forEach((name, i) => {
    setVar(shell, name, unmark(fields[i] ?? ''));
  });
}

/** Splits a line into at most `max` fields: the last takes the rest, without blanks at its ends. */
function split(line: string, ifs: string, max: number): string[] {
  const blanks = [...ifs].filter((c) => c === ' ' || c === '\t' || c === '\n').join('');
  const isBlank = (c: string | undefined) => c !== undefined && blanks.includes(c);
  const out: string[] = [];
  let i = 0;
  while (isBlank(line[i])) i++;
  while (i < line.length) {
    if (out.length === max - 1) {
      let rest = line.slice(i);
      while (isBlank(rest[rest.length - 1]) && rest[rest.length - 2] !== '\x01') rest = rest.slice(0, -1);
      const last = rest[rest.length - 1];
      // One delimiter that ends the line belongs to no field when it is the only one.
      if (
        last !== undefined &&
        ifs.includes(last) &&
        !isBlank(last) &&
        ![...rest.slice(0, -1)].some((c) => ifs.includes(c))
      )
        rest = rest.slice(0, -1);
      out.push(rest);
      return out;
    }
    let field = '';
    while (i < line.length && !ifs.includes(line[i] as string)) {
      if (line[i] === '\x01') field += line[i++];
      field += line[i++] ?? '';
    }
    out.push(field);
    while (isBlank(line[i])) i++;
    if (i < line.length && ifs.includes(line[i] as string) && !isBlank(line[i])) {
      i++;
      while (isBlank(line[i])) i++;
    }
  }
  return out;
}

export function* mapfile(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  const strip = args[0] === '-t';
  if (strip) args.shift();
  if ((args[0] ?? '').startsWith('-')) return yield* notModelled(`mapfile: ${args[0]}`);
  const v = writable(shell, args[0] ?? 'MAPFILE');
  toArray(v);
  v.items = new Map();
  let text = '';
  for (;;) {
    const chunk = (yield { op: 'read', fd: 0 }) as string | null;
    if (chunk === null || text.length > MAX_LINE) break;
    text += chunk;
  }
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  lines.forEach((line, i) => void v.items.set(String(i), strip ? line.replace(/\n$/, '') : line));
  return 0;
}

export function* getopts(shell: Shell, words: readonly string[]): Io<number> {
  const [, spec, name] = words;
  if (spec === undefined || name === undefined) {
    yield* printErr('getopts: usage: getopts optstring name [arg]\n');
    return 2;
  }
  const args = words.length > 3 ? words.slice(3) : shell.positional;
  const [indexText = '1', offsetText] = [
    getVar(shell, 'OPTIND') ?? '1',
    shell.vars.get('__OPTOFF')?.value ?? undefined,
  ];
  let index = Number(indexText) || 1;
  let offset = Number(offsetText ?? 1) || 1;
  const arg = args[index - 1];
  const end = () => {
    setVar(shell, name, '?');
    setVar(shell, 'OPTIND', String(index));
    shell.vars.delete('__OPTOFF');
  };
  if (arg === undefined || !/^-./.test(arg) || arg === '--') {
    if (arg === '--') index++;
    end();
    return 1;
  }
  const letter = arg[offset] ?? '?';
  const at = letter === ':' ? -1 : spec.indexOf(letter, spec.startsWith(':') ? 1 : 0);
  const takesValue = at >= 0 && spec[at + 1] === ':';
  const silent = spec.startsWith(':');
  offset++;
  shell.vars.delete('OPTARG');
  let option = letter;
  if (at < 0) {
    option = '?';
    if (silent) setVar(shell, 'OPTARG', letter);
    else yield* printErr(`${shell.name}: illegal option -- ${letter}\n`);
  } else if (takesValue) {
    const value = offset < arg.length ? arg.slice(offset) : args[index++];
    offset = arg.length;
    if (value === undefined) {
      option = silent ? ':' : '?';
      if (silent) setVar(shell, 'OPTARG', letter);
      else yield* printErr(`${shell.name}: option requires an argument -- ${letter}\n`);
    } else setVar(shell, 'OPTARG', value);
  }
  if (offset >= arg.length) {
    index++;
    offset = 1;
  }
  setVar(shell, name, option);
  setVar(shell, 'OPTIND', String(index));
  setVar(shell, '__OPTOFF', String(offset));
  return 0;
}
