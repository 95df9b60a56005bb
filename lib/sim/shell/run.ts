/** The `bash` and `sh` programs: `-c`, script files, standard input, a terminal. */

import { isTty, printErr, readAll } from '../commands/io.ts';
import type { Io, Proc, Program } from '../kernel/process.ts';
import { interact } from './interactive.ts';
import { OPTION_LETTERS } from './options.ts';
import type { Statement } from './parse.ts';
import { MAX_SOURCE, shellRuntime } from './runtime-port.ts';
import { type Dialect, lineNumber, registerShell, type Shell } from './state.ts';
import { syntaxMessage } from './syntax-error.ts';
import { importEnvironment, setVar } from './vars.ts';
import { strerror } from './vfs/errno.ts';
import { vfsOf } from './vfs/vfs.ts';

/** A fresh shell for a process. */
export function createShell(proc: Proc, dialect: Dialect): Shell {
  const shell: Shell = {
    proc,
    dialect,
    name: proc.argv[0] ?? dialect,
    pid: proc.info.pid,
    vars: new Map(),
    functions: new Map(),
    aliases: new Map(),
    positional: [],
    status: 0,
    pipeStatus: [],
    background: null,
    options: new Set(['hashall', 'braceexpand']),
    shopts: new Set(),
    traps: new Map(),
    jobs: [],
    flow: null,
    loops: 0,
    calls: [],
    depth: 0,
    guarded: 0,
    interactive: false,
    subshell: false,
    source: { text: '', line: 1 },
    pos: 0,
    history: [],
    umask: 0o022,
    substStatus: null,
    substFds: [],
    interrupted: false,
    pendingSignals: [],
    dirStack: [],
    started: proc.world.now,
    execTail: false,
    aliasing: new Set(),
    textDepth: 0,
    inlineSource: false,
  };
  importEnvironment(shell);
  if (!shell.vars.has('IFS')) setVar(shell, 'IFS', ' \t\n');
  setVar(shell, 'PWD', proc.cwd);
  const pwd = shell.vars.get('PWD');
  if (pwd) pwd.exported = true;
  if (dialect === 'bash') {
    setVar(shell, 'BASH_VERSION', '5.2.15(1)-release');
    setVar(shell, 'OPTIND', '1');
    setVar(shell, 'SHLVL', String((Number(proc.env.get('SHLVL')) || 0) + 1));
    const level = shell.vars.get('SHLVL');
    if (level) level.exported = true;
  }
  registerShell(shell);
  return shell;
}

interface Invocation {
  command: string | null;
  interactive: boolean;
  stdin: boolean;
  rest: string[];
}

/** Runs a shell as a program does: reads its arguments, runs what they say. */
export function* runShell(proc: Proc, dialect: Dialect): Program {
  const shell = createShell(proc, dialect);
  const call = yield* readArguments(shell);
  if (typeof call === 'number') return call;
  if (call.command !== null) {
    shell.name = call.rest[0] ?? shell.name;
    shell.positional = call.rest.slice(1);
    shell.inlineSource = true;
    return yield* runScript(shell, call.command);
  }
  const [file, ...args] = call.rest;
  if (file !== undefined && !call.stdin) return yield* runFile(shell, file, args);
  shell.positional = call.rest;
  if (call.interactive || (isTty(proc, 0) && isTty(proc, 2))) return yield* interact(shell);
  return yield* runScript(shell, yield* readAll(0));
}

function* readArguments(shell: Shell): Io<Invocation | number> {
  const { argv } = shell.proc;
  const call: Invocation = { command: null, interactive: false, stdin: false, rest: [] };
  let wantsCommand = false;
  let i = 1;
  for (; i < argv.length; i++) {
    const arg = argv[i] as string;
    if (arg === '--' || arg === '-') {
      i++;
      break;
    }
    if (arg === '--version') return yield* version(shell);
    if (['--login', '--norc', '--noprofile', '--posix', '--noediting'].includes(arg)) continue;
    if (!/^[-+]./.test(arg)) break;
    if (arg.startsWith('--')) {
      yield* printErr(`${shell.name}: ${arg}: invalid option\n`);
      return 2;
    }
    for (const letter of arg.slice(1)) {
      const option = OPTION_LETTERS.get(letter);
      if (letter === 'c') wantsCommand = true;
      else if (letter === 'i') call.interactive = true;
      else if (letter === 's') call.stdin = true;
      else if (letter === 'l') continue;
      else if (letter === 'o') {
        const name = argv[++i];
        if (name !== undefined) setOption(shell, name, arg.startsWith('-'));
      } else if (option) setOption(shell, option, arg.startsWith('-'));
      else {
        yield* printErr(`${shell.name}: ${arg[0]}${letter}: invalid option\n`);
        return 2;
      }
    }
  }
  call.rest = argv.slice(i);
  if (wantsCommand) {
    const command = call.rest.shift();
    if (command === undefined) {
      yield* printErr(`${shell.name}: -c: option requires an argument\n`);
      return 2;
    }
    call.command = command;
  }
  return call;
}

const setOption = (shell: Shell, name: string, on: boolean): void => {
  if (on) shell.options.add(name);
  else shell.options.delete(name);
};

function* version(shell: Shell): Io<number> {
  if (shell.dialect !== 'bash') {
    yield* printErr(`${shell.name}: 0: Illegal option --\n`);
    return 2;
  }
  yield { op: 'write', fd: 1, data: 'GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n' };
  return 0;
}

function* runFile(shell: Shell, file: string, args: string[]): Io<number> {
  const text = vfsOf(shell.proc).readFile(file);
  if (!text.ok) {
    const why = text.errno === 'EISDIR' ? 'Is a directory' : strerror(text.errno);
    yield* printErr(text.errno === 'EISDIR' ? `${file}: ${file}: ${why}\n` : `${shell.name}: ${file}: ${why}\n`);
    return text.errno === 'ENOENT' ? 127 : 126;
  }
  shell.name = file;
  shell.positional = args;
  return yield* runScript(shell, text.value);
}

/** Runs a whole script, up to its end or its first syntax error, and the EXIT trap. */
export function* runScript(shell: Shell, text: string): Io<number> {
  if (text.length > MAX_SOURCE) {
    yield* printErr(`${shell.name}: script: File too large\n`);
    return 126;
  }
  const source = { text, line: 1 };
  shell.source = source;
  const { script, errors } = shellRuntime().parseSource(text);
  const runnable = errors.length > 0 ? beforeError(shell, script.commands, errors[0]!.pos) : script.commands;
  if (shell.inlineSource && errors.length === 0 && runnable.length === 1 && runnable[0]!.command.type === 'Command') {
    // The only command of `-c` takes the shell's process over.
    shell.execTail = !runnable[0]!.background;
  }
  yield* shellRuntime().execStatements(shell, runnable);
  if (errors.length > 0 && !shell.flow) {
    yield* printErr(syntaxMessage(shell, errors, source));
    shell.status = 2;
  }
  return yield* shellRuntime().runExitTrap(shell);
}

/** The statements on lines before the one where the faulty command begins: a shell runs those first. */
function beforeError(shell: Shell, statements: readonly Statement[], pos: number): Statement[] {
  const faulty = statements.find((s) => s.end >= pos && s.pos <= pos)?.pos ?? pos;
  const line = lineNumber(shell, Math.min(faulty, pos));
  return statements.filter((s) => s.end < pos && lineNumber(shell, s.end) < line);
}
