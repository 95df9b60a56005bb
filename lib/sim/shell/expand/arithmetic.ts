/** Arithmetic in a shell: `$` is expanded first, names are variables. */
import type { Io } from '../../kernel/process.ts';
import { parseWord } from '../parse.ts';
import type { Shell } from '../state.ts';
import { arrayOf, getVar, setElement, setVar } from '../vars.ts';
import { type ArithScope, evaluate } from './arith.ts';
import { joinPieces } from './pieces.ts';
import { expandParts, partsOf } from './word.ts';

/** The value of an expression's text. Throws {@link ShellError} when it is wrong. */
export function* expandArithmetic(shell: Shell, text: string): Io<bigint> {
  return evaluate(yield* expandDollars(shell, text), arithScope(shell));
}

function* expandDollars(shell: Shell, text: string): Io<string> {
  if (!/[$`"'\\]/.test(text)) return text;
  const word = parseWord(`"${text.replace(/"/g, '')}"`);
  return word ? joinPieces(yield* expandParts(shell, partsOf(word), { quoted: false }, false)) : text;
}

/** Variables as arithmetic sees them. */
export function arithScope(shell: Shell): ArithScope {
  const keyOf = (name: string, index: string) =>
    shell.vars.get(name)?.kind === 'assoc' ? index : String(evaluate(index, arithScope(shell), 1));
  return {
    get(name, index) {
      if (index === null) return getVar(shell, name);
      const key = keyOf(name, index);
      return arrayOf(shell, name).find(([k]) => k === key)?.[1] ?? null;
    },
    set(name, index, value) {
      if (index === null) setVar(shell, name, value);
      else setElement(shell, name, keyOf(name, index), value);
    },
  };
}
