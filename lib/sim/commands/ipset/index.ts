/** ipset 7.17: sets of addresses, networks and ports that rules refer to. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { IpsetError } from '../../linux/ipset/element.ts';
import { setsOf } from '../../linux/ipset/types.ts';
import { splitLine } from '../../linux/netfilter/restore.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { type CompletionRequest, defineCommand } from '../contract.ts';
import { print, printErr, readAll } from '../io.ts';
import { ALIASES } from './create.ts';
import { HELP, HELP_TYPES, typeHelp } from './help.ts';
import { type Line, readLine, surplus } from './options.ts';
import { checkElement, runLine } from './run.ts';

const TITLE = 'ipset v7.17: ';

function problem(error: IpsetError, where: string): { text: string; status: number } {
  return {
    // Wrong usage is said at once, before the line is known.
    text: `${TITLE}${error.status === 2 ? '' : where}${error.message}\n${error.status === 2 ? "Try `ipset help' for more information.\n" : ''}`,
    status: error.status,
  };
}

function* run(proc: Proc): Program {
  let quiet = false;
  try {
    const line = readLine(proc.argv.slice(1));
    ({ quiet } = line);
    return yield* runCommand(proc, line);
  } catch (error) {
    if (!(error instanceof IpsetError)) throw error;
    const { text, status } = problem(error, '');
    if (!quiet && !error.quiet) yield* printErr(text);
    return status;
  }
}

function* runCommand(proc: Proc, line: Line): Program {
  if (line.command === 'restore') {
    const more = surplus(line);
    if (more !== undefined) throw new IpsetError(`Unknown argument ${more}`, 2);
    return yield* restore(proc, line);
  }
  if (line.command === 'version') {
    yield* print('ipset v7.17, protocol version: 7\n');
    return 0;
  }
  if (line.command === 'help') {
    const type = line.words[0];
    yield* print(HELP);
    if (!line.quiet) yield* print(type === undefined ? HELP_TYPES : typeHelp(ALIASES[type] ?? type));
    return 0;
  }
  if (line.command === 'quit') return 0;
  const out = runLine(proc.world, proc.netns, line);
  if (line.file !== null && (line.command === 'save' || line.command === 'list'))
    vfsOf(proc).writeFile(line.file, out.stdout);
  else yield* print(out.stdout);
  yield* printErr(out.stderr);
  return out.status;
}

function* restore(proc: Proc, options: Line): Program {
  let text: string;
  if (options.file === null) text = yield* readAll();
  else {
    const read = vfsOf(proc).readFile(options.file);
    if (!read.ok) return 255;
    text = read.value;
  }
  // Lines of one command on one set go to the kernel together: what was gathered is lost with a line that cannot be read.
  let gathered: Numbered[] = [];
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    if (raw.trim() === '' || raw[0] === '#' || raw === 'COMMIT') continue;
    if (raw === 'quit') break;
    let line: Line | null = null;
    try {
      line = readLine(splitLine(raw), true);
      if (options.exist) line.exist = true;
      const first = gathered[0]?.line;
      const onSet = line.command === 'add' || line.command === 'del' || line.command === 'test';
      const made = first?.command === 'create' && first.words[0] === line.words[0];
      if (onSet && !made) checkElement(proc.netns, line);
      if (first && (first.command !== line.command || first.words[0] !== line.words[0] || gathered.length >= MOST)) {
        const status = yield* commit(proc, gathered);
        gathered = [];
        if (status !== 0) return status;
      }
      if (onSet && made) checkElement(proc.netns, line);
      gathered.push({ line, number });
    } catch (error) {
      if (!(error instanceof IpsetError)) throw error;
      const { text: words, status } = problem(error, line ? `Error in line ${number}: ` : '');
      yield* printErr(words);
      return status;
    }
  }
  return yield* commit(proc, gathered);
}

interface Numbered {
  line: Line;
  number: number;
}

/** Lines that fit one message to the kernel. */
const MOST = 1000;

function* commit(proc: Proc, lines: readonly Numbered[]): Io<number> {
  for (const { line, number } of lines) {
    try {
      const out = runLine(proc.world, proc.netns, line);
      yield* print(out.stdout);
      yield* printErr(out.stderr);
      if (out.status !== 0) return out.status;
    } catch (error) {
      if (!(error instanceof IpsetError)) throw error;
      const { text, status } = problem(error, `Error in line ${number}: `);
      yield* printErr(text);
      return status;
    }
  }
  return 0;
}

const VERBS = [
  'create',
  'add',
  'del',
  'test',
  'destroy',
  'list',
  'save',
  'restore',
  'flush',
  'rename',
  'swap',
  'help',
  'version',
];

const complete = ({ proc, words }: CompletionRequest): string[] =>
  words.length <= 1 ? VERBS : [...setsOf(proc.netns).keys()];

export const command = defineCommand({
  name: 'ipset',
  dir: '/usr/sbin',
  summary: 'sets of addresses, networks and ports',
  images: ['node', 'netshoot'],
  options: ['-exist', '-quiet', '-sorted', '-terse', '-name', '-o', '-f'].map((flag) => ({ flag, modelled: true })),
  run,
  complete,
});
