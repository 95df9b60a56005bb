/** set, shopt, trap, history. */

import { notModelled, print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { OPTION_LETTERS, OPTION_NAMES } from '../options.ts';
import { functionText } from '../print-function.ts';
import { quoteForReuse, quoteIfNeeded } from '../quote.ts';
import { signalName, signalNumber } from '../signals.ts';
import { errorPrefix, type Shell } from '../state.ts';

export function* set(shell: Shell, words: readonly string[]): Io<number> {
  if (words.length === 1) return yield* listVariables(shell);
  let i = 1;
  for (; i < words.length; i++) {
    const w = words[i] as string;
    if (w === '--' || w === '-') {
      shell.positional = words.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(w)) break;
    const on = w[0] === '-';
    for (const letter of w.slice(1)) {
      if (letter === 'o') {
        const name = words[i + 1];
        if (name === undefined) return yield* listOptions(shell, on);
        i++;
        if (!OPTION_NAMES.includes(name)) {
          yield* printErr(`${errorPrefix(shell)}set: ${name}: invalid option name\n`);
          return 2;
        }
        toggle(shell, name, on);
        continue;
      }
      const name = OPTION_LETTERS.get(letter);
      if (!name) {
        yield* printErr(
          `${errorPrefix(shell)}set: ${w[0]}${letter}: invalid option\nset: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n`,
        );
        return 2;
      }
      toggle(shell, name, on);
    }
  }
  if (i < words.length) shell.positional = words.slice(i);
  return 0;
}

function toggle(shell: Shell, name: string, on: boolean): void {
  if (on) shell.options.add(name);
  else shell.options.delete(name);
}

function* listOptions(shell: Shell, table: boolean): Io<number> {
  for (const name of OPTION_NAMES) {
    const on = shell.options.has(name) || name === 'interactive-comments';
    yield* print(table ? `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${name}\n`);
  }
  return 0;
}

function* listVariables(shell: Shell): Io<number> {
  for (const name of [...shell.vars.keys()].sort()) {
    const v = shell.vars.get(name);
    if (!v) continue;
    if (v.kind !== 'scalar') {
      yield* print(`${name}=(${[...v.items].map(([k, x]) => `[${k}]="${x}"`).join(' ')})\n`);
    } else if (v.value !== null) yield* print(`${name}=${v.value === '' ? '' : quoteIfNeeded(v.value)}\n`);
  }
  for (const [name, fn] of shell.functions) yield* print(`${functionText(name, fn)}\n`);
  return 0;
}

const SHOPTS = [
  'autocd',
  'cdspell',
  'checkwinsize',
  'cmdhist',
  'dotglob',
  'execfail',
  'expand_aliases',
  'extglob',
  'failglob',
  'globstar',
  'histappend',
  'inherit_errexit',
  'lastpipe',
  'nocaseglob',
  'nocasematch',
  'nullglob',
  'sourcepath',
];

export function* shopt(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  let mode = '';
  while (/^-[suqpo]+$/.test(args[0] ?? '')) mode += (args.shift() as string).slice(1);
  const names = args.length > 0 ? args : SHOPTS;
  let status = 0;
  for (const name of names) {
    if (!SHOPTS.includes(name)) {
      yield* printErr(`${errorPrefix(shell)}shopt: ${name}: invalid shell option name\n`);
      status = 1;
      continue;
    }
    if (args.length > 0 && mode.includes('s')) {
      if (name === 'globstar' || name === 'lastpipe') return yield* notModelled(`shopt: ${name}`);
      shell.shopts.add(name);
    } else if (args.length > 0 && mode.includes('u')) shell.shopts.delete(name);
    else {
      const on = shell.shopts.has(name);
      if (!on && args.length > 0) status = 1;
      if (!mode.includes('q')) yield* print(`${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`);
    }
  }
  return status;
}

export function* trap(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  if (args[0] === '--') args.shift();
  if (args.length === 0 || args[0] === '-p') {
    const wanted = args.slice(1).map(normal);
    for (const [name, command] of shell.traps) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const shown = ['EXIT', 'ERR', 'DEBUG', 'RETURN'].includes(name) ? name : `SIG${name}`;
      yield* print(`trap -- ${quoteForReuse(command)} ${shown}\n`);
    }
    return 0;
  }
  const resets = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0] as string);
  const command = resets && args[0] !== '-' ? null : args.shift();
  let status = 0;
  for (const arg of args) {
    const name = normal(arg);
    if (name === null) {
      yield* printErr(`${errorPrefix(shell)}trap: ${arg}: invalid signal specification\n`);
      status = 1;
    } else if (command === null || command === '-') shell.traps.delete(name);
    else shell.traps.set(name, command as string);
  }
  return status;
}

function normal(spec: string): string | null {
  const upper = spec.toUpperCase();
  if (['ERR', 'DEBUG', 'RETURN'].includes(upper)) return upper;
  const n = signalNumber(spec);
  return n === null ? null : (signalName(n) ?? null);
}

export function* history(shell: Shell, words: readonly string[]): Io<number> {
  if (words[1] === '-c') {
    shell.history = [];
    return 0;
  }
  if (words[1] !== undefined && !/^\d+$/.test(words[1])) {
    if (words[1].startsWith('-')) return yield* notModelled(`history: ${words[1]}`);
    yield* printErr(`${errorPrefix(shell)}history: ${words[1]}: numeric argument required\n`);
    return 1;
  }
  const from = words[1] === undefined ? 0 : Math.max(0, shell.history.length - Number(words[1]));
  for (let i = from; i < shell.history.length; i++) yield* print(`${String(i + 1).padStart(5)}  ${shell.history[i]}\n`);
  return 0;
}
