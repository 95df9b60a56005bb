/**
 * What iproute2's programs have in common: abbreviated keywords, argument errors with their exit codes, numbers, and one
 * description printed as text or as JSON (lib/utils.c, lib/json_print.c, lib/json_writer.c of iproute2 6.1.0).
 */

/** Ends a program's run from anywhere: iproute2 calls exit() in its parsers. */
export class Exit extends Error {
  constructor(
    readonly status: number,
    readonly stderr = '',
  ) {
    super('exit');
  }
}

/** matches(): whether `word` is a (non-empty) beginning of `keyword`. */
export const matches = (word: string, keyword: string): boolean => word !== '' && keyword.startsWith(word);

export const invarg = (message: string, arg: string): Exit =>
  new Exit(255, `Error: argument "${arg}" is wrong: ${message}\n`);
export const duparg = (key: string, arg: string): Exit =>
  new Exit(255, `Error: duplicate "${key}": "${arg}" is the second value.\n`);
export const duparg2 = (key: string, arg: string): Exit =>
  new Exit(255, `Error: either "${key}" is duplicate, or "${arg}" is a garbage.\n`);
export const missarg = (key: string): Exit => new Exit(255, `Error: argument "${key}" is required\n`);
export const incomplete = (): Exit => new Exit(255, 'Command line is not complete. Try option "help"\n');
export const notModelledExit = (what: string): Exit => new Exit(64, `flatnet: not modelled: ${what}\n`);

/** Words of a command line, read from left to right. */
export class Args {
  at = 0;
  constructor(readonly words: readonly string[]) {}
  get more(): boolean {
    return this.at < this.words.length;
  }
  /** The word at hand, '' at the end. */
  get word(): string {
    return this.words[this.at] ?? '';
  }
  /** NEXT_ARG: steps on; ends the program when nothing follows. */
  next(): string {
    this.at++;
    if (!this.more) throw incomplete();
    return this.word;
  }
  /** Steps past the word at hand. */
  skip(): void {
    this.at++;
  }
}

/** Splits a line of a batch file: blanks and quotes. */
function splitLine(line: string): string[] {
  const words: string[] = [];
  for (const m of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) words.push(m[1] ?? m[2] ?? m[3] ?? '');
  return words;
}

/** The commands of a batch file: comments dropped, `\\` at a line's end joining it to the next, numbered by the last. */
export function batchLines(text: string): { words: string[]; number: number }[] {
  const found: { words: string[]; number: number }[] = [];
  let pending = '';
  for (const [i, raw] of text.split('\n').entries()) {
    const line = pending + raw.replace(/(^|\s)#.*$/, '');
    if (line.endsWith('\\')) {
      pending = `${line.slice(0, -1)} `;
      continue;
    }
    pending = '';
    const words = splitLine(line);
    if (words.length > 0) found.push({ words, number: i + 1 });
  }
  return found;
}

/** strtoul with base 0: decimal, 0x…, 0…; null for anything else or more than `max`. */
export function getUnsigned(text: string, max = 4294967295): number | null {
  let value: number;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8);
  else if (/^\d+$/.test(text)) value = Number(text);
  else return null;
  return value > max ? null : value;
}

/** `on` or `off`, or the error iproute2 ends with: parse_on_off. */
export function onOff(key: string, word: string): boolean {
  if (word === 'on') return true;
  if (word === 'off') return false;
  throw new Exit(1, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
}

/** parse_one_of(): one of a list, by beginning. */
export function oneOf(key: string, word: string, list: readonly string[]): string {
  const found = list.find((item) => matches(word, item));
  if (found) return found;
  const quoted = list.map((item) => `"${item}"`);
  const listing =
    quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted[quoted.length - 1]}` : quoted.join('');
  throw new Exit(1, `Error: argument of "${key}" must be ${listing}, not "${word}"\n`);
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** JSON as json_writer.c lays it out, compact or pretty (`-p`). */
export function writeJson(value: Json, pretty: boolean, depth = 0): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => writeJson(item, pretty, depth + 1)).join(',');
    if (!pretty) return `[${items}]`;
    return value.length > 0 ? `[ ${items} ]` : '[ ]';
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const indent = (n: number) => (pretty ? `\n${'    '.repeat(n)}` : '');
    const body = entries
      .map(([k, v]) => `${indent(depth + 1)}${jsonString(k)}:${pretty ? ' ' : ''}${writeJson(v, pretty, depth + 1)}`)
      .join(',');
    return entries.length > 0 ? `{${body}${indent(depth)}}` : '{}';
  }
  return typeof value === 'string' ? jsonString(value) : String(value);
}

const ESCAPES: Record<string, string> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\b': '\\b',
  '\\': '\\\\',
  '"': '\\"',
};
const jsonString = (s: string): string => `"${s.replace(/[\t\n\r\f\b\\"]/g, (c) => ESCAPES[c] as string)}"`;

type JsonObject = { [key: string]: Json };

/** What iproute2 colours under -color, with the escape codes for a dark-on-light terminal (lib/color.c). */
const COLOURS = { ifname: 36, mac: 33, inet: 35, inet6: 34, up: 32, down: 31 } as const;
export type Colour = keyof typeof COLOURS;

/** The colour of an address, by its family. */
export const addressColour = (ip: number | bigint): Colour => (typeof ip === 'bigint' ? 'inet6' : 'inet');

/** Collects one description as text and as JSON objects: print_string(PRINT_ANY, …) and its siblings. */
export class Printer {
  text = '';
  readonly objects: Json[] = [];
  private readonly stack: { value: Json[] | JsonObject; key: string }[] = [];
  constructor(
    readonly json: boolean,
    readonly oneline = false,
    readonly colours = false,
  ) {}

  /** `text` in a colour, when colours are asked for: color_fprintf. */
  paint(text: string, colour: Colour | undefined): string {
    return this.colours && colour ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
  }

  /** `\` instead of a new line with -o: iproute2's _SL_. */
  get nl(): string {
    return this.oneline ? '\\' : '\n';
  }

  private put(key: string | null, value: Json): void {
    const top = this.stack[this.stack.length - 1];
    if (!top) this.objects.push(value);
    else if (Array.isArray(top.value)) top.value.push(value);
    else top.value[key ?? ''] = value;
  }

  open(key: string | null = null): void {
    const value: JsonObject = {};
    this.put(key, value);
    this.stack.push({ value, key: key ?? '' });
  }
  openArray(key: string): void {
    const value: Json[] = [];
    this.put(key, value);
    this.stack.push({ value, key });
  }
  close(): void {
    this.stack.pop();
  }

  /** Both: `text` on the terminal, `value` under `key`. */
  any(key: string | null, value: Json, text: string, colour?: Colour): void {
    if (this.json) this.put(key, value);
    else this.text += this.paint(text, colour);
  }
  /** Text only. */
  fp(text: string): void {
    if (!this.json) this.text += text;
  }
  /** JSON only. */
  js(key: string | null, value: Json): void {
    if (this.json) this.put(key, value);
  }

  /** What goes to standard output. */
  output(pretty: boolean): string {
    return this.json ? `${writeJson(this.objects, pretty)}\n` : this.text;
  }
}

/** errno's text: strerror(3). */
export const STRERROR: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ERANGE: 'Numerical result out of range',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  EOPNOTSUPP: 'Operation not supported',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  EHOSTUNREACH: 'No route to host',
  ENOTCONN: 'Transport endpoint is not connected',
  ECONNREFUSED: 'Connection refused',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EPROTONOSUPPORT: 'Protocol not supported',
  EMSGSIZE: 'Message too long',
};

/** What rtnl_talk prints for an error: the kernel's own words when it gives them, else errno's. */
export function netlinkError(error: { errno: string; extack?: string }): string {
  if (error.extack) return `Error: ${error.extack}${error.extack.endsWith('.') ? '' : '.'}\n`;
  return `RTNETLINK answers: ${STRERROR[error.errno] ?? error.errno}\n`;
}
