/** Assignments: `x=1`, `x+=1`, `a[2]=x`, `a=(1 2)`. */
import type { Io } from '../../kernel/process.ts';
import { evaluate } from '../expand/arith.ts';
import { arithScope } from '../expand/arithmetic.ts';
import { expandText, expandWords } from '../expand/word.ts';
import type { ArrayValue, Assignment, Word } from '../parse.ts';
import type { Shell } from '../state.ts';
import { arrayOf, getVar, setElement, setVar, toArray, writable } from '../vars.ts';

/** Carries out an assignment. Throws {@link ShellError}. */
export function* assign(shell: Shell, a: Assignment): Io<void> {
  if (a.value.type === 'ArrayValue') {
    yield* assignArray(shell, a.name, a.value, a.append ?? false);
    return;
  }
  let value = yield* expandText(shell, a.value, true);
  const target = shell.vars.get(a.name);
  if (a.index) {
    const key =
      target?.kind === 'assoc'
        ? yield* expandText(shell, a.index)
        : String(evaluate(yield* expandText(shell, a.index), arithScope(shell)));
    const old = a.append ? (arrayOf(shell, a.name).find(([k]) => k === key)?.[1] ?? '') : '';
    setElement(shell, a.name, key, old + value);
    return;
  }
  if (target?.integer) {
    const n =
      evaluate(value, arithScope(shell)) + (a.append ? evaluate(getVar(shell, a.name) ?? '0', arithScope(shell)) : 0n);
    value = String(n);
  } else if (a.append) value = (getVar(shell, a.name) ?? '') + value;
  setVar(shell, a.name, value);
}

function* assignArray(shell: Shell, name: string, value: ArrayValue, append: boolean): Io<void> {
  const elements: [string | null, string][] = [];
  for (const element of value.elements) {
    const keyed = /^\[([^\]]*)\]=/.exec(element.text);
    if (keyed) elements.push(yield* keyedElement(shell, name, keyed, element));
    else for (const text of yield* expandWords(shell, [element])) elements.push([null, text]);
  }
  const v = writable(shell, name);
  toArray(v);
  if (!append) v.items = new Map();
  let next = append && v.kind === 'indexed' ? Math.max(-1, ...[...v.items.keys()].map(Number)) + 1 : 0;
  for (const [key, text] of elements) {
    const at = key ?? String(next);
    v.items.set(at, text);
    if (v.kind === 'indexed') next = Number(at) + 1;
  }
}

function* keyedElement(shell: Shell, name: string, match: RegExpExecArray, element: Word): Io<[string, string]> {
  const text = yield* expandText(shell, element);
  const equals = text.indexOf(']=');
  const rawKey = text.slice(1, equals).replace(/^(["'])(.*)\1$/, '$2');
  const key =
    shell.vars.get(name)?.kind === 'assoc'
      ? rawKey
      : String(evaluate(rawKey || (match[1] as string), arithScope(shell)));
  return [key, text.slice(equals + 2)];
}
