/** The shell's builtins by name. */

import { alias, unalias } from './alias.ts';
import { cd, dirs, echo, falseBuiltin, help, popd, pushd, pwd, trueBuiltin, umask } from './basic.ts';
import type { Builtin } from './contract.ts';
import { declare, exportBuiltin, local, readonly, unset } from './declare.ts';
import { breakBuiltin, continueBuiltin, exit, returnBuiltin, shift } from './flow.ts';
import { bg, disown, fg, jobs, kill, wait } from './jobs.ts';
import { command, evalBuiltin, exec, hash, source, type } from './lookup.ts';
import { letBuiltin, times, ulimit } from './numbers.ts';
import { printf } from './printf.ts';
import { getopts, mapfile, read } from './read.ts';
import { history, set, shopt, trap } from './set.ts';
import { bracket, testBuiltin } from './test.ts';

const run = (builtin: Builtin['run']): Builtin => ({ run: builtin });

export const builtins: ReadonlyMap<string, Builtin> = new Map([
  [':', run(trueBuiltin)],
  ['true', run(trueBuiltin)],
  ['false', run(falseBuiltin)],
  ['echo', run(echo)],
  ['printf', run(printf)],
  ['pwd', run(pwd)],
  ['cd', run(cd)],
  ['pushd', run(pushd)],
  ['popd', run(popd)],
  ['dirs', run(dirs)],
  ['umask', run(umask)],
  ['test', run(testBuiltin)],
  ['[', run(bracket)],
  ['declare', run(declare)],
  ['typeset', run(declare)],
  ['local', run(local)],
  ['export', run(exportBuiltin)],
  ['readonly', run(readonly)],
  ['unset', run(unset)],
  ['break', run(breakBuiltin)],
  ['continue', run(continueBuiltin)],
  ['return', run(returnBuiltin)],
  ['exit', run(exit)],
  ['logout', run(exit)],
  ['shift', run(shift)],
  ['jobs', run(jobs)],
  ['wait', run(wait)],
  ['kill', run(kill)],
  ['fg', run(fg)],
  ['bg', run(bg)],
  ['disown', run(disown)],
  ['eval', run(evalBuiltin)],
  ['source', run(source)],
  ['.', run(source)],
  ['exec', run(exec)],
  ['command', run(command)],
  ['builtin', run(command)],
  ['type', run(type)],
  ['hash', run(hash)],
  ['let', run(letBuiltin)],
  ['ulimit', run(ulimit)],
  ['times', run(times)],
  ['read', run(read)],
  ['mapfile', run(mapfile)],
  ['readarray', run(mapfile)],
  ['getopts', run(getopts)],
  ['set', run(set)],
  ['shopt', run(shopt)],
  ['trap', run(trap)],
  ['history', run(history)],
  ['alias', run(alias)],
  ['unalias', run(unalias)],
  ['help', run(help)],
]);

/** Words of the grammar, as `type` calls them. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
]);
