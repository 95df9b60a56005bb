/** Parameter expansion: `$x`, `${x:-word}`, `${x#pattern}`, `${x/a/b}`, `${x:1:2}`, arrays. */
import type { Io } from '../../kernel/process.ts';
import type { ParameterExpansionPart, ParameterOperation } from '../parse.ts';
import { quoteForReuse } from '../quote.ts';
import { type Shell, ShellError } from '../state.ts';
import { arrayOf, getVar, isName, setElement, setVar } from '../vars.ts';
import { expandArithmetic } from './arithmetic.ts';
import { joinPieces, type Piece } from './pieces.ts';
import { changeCase, removePattern, replacePattern } from './transform.ts';
import { expandParts, expandPattern, expandText, partsOf } from './word.ts';

/** What a parameter holds: one value (null: unset), or a list for `@` and `*`. */
type Held = { list: false; value: string | null } | { list: true; values: string[]; star: boolean };

/** `$x`, `$1`, `$@` … */
export function expandSimple(shell: Shell, text: string, quoted: boolean): Piece[] {
  const name = text.slice(1);
  return show(shell, name, hold(shell, name), quoted);
}

function show(shell: Shell, name: string, held: Held, quoted: boolean): Piece[] {
  const mode = quoted ? 'quoted' : 'split';
  if (!held.list) {
    if (held.value === null) {
      if (shell.options.has('nounset') && name !== '@' && name !== '*')
        throw new ShellError(`${name}: unbound variable`, 127);
      return quoted ? [{ text: '', mode }] : [];
    }
    return [{ text: held.value, mode }];
  }
  if (held.star && quoted) return [{ text: held.values.join((getVar(shell, 'IFS') ?? ' ')[0] ?? ''), mode }];
  const out: Piece[] = [];
  held.values.forEach((text, i) => {
    if (i > 0) out.push('break');
    out.push({ text, mode });
  });
  return out;
}

function hold(shell: Shell, name: string, index?: string): Held {
  if (name === '@' || name === '*') return { list: true, values: [...shell.positional], star: name === '*' };
  if (index === '@' || index === '*')
    return { list: true, values: arrayOf(shell, name).map(([, v]) => v), star: index === '*' };
  if (index === undefined) {
    if (name === 'PIPESTATUS') return { list: false, value: String(shell.pipeStatus[0] ?? shell.status) };
    return { list: false, value: getVar(shell, name) };
  }
  return { list: false, value: arrayOf(shell, name).find(([k]) => k === index)?.[1] ?? null };
}

/** `${…}`. Throws {@link ShellError}. */
export function* expandParameter(shell: Shell, part: ParameterExpansionPart, quoted: boolean): Io<Piece[]> {
  let name = part.parameter;
  const { operation, prefix } = part;
  if (name === '' || operation?.type === 'Unknown' || !(isName(name) || /^(?:\d+|[@*#?$!_-])$/.test(name))) {
    throw new ShellError(`${part.text}: bad substitution`, 1);
  }
  const index = part.index ? yield* subscript(shell, name, part.index.text, part.index) : undefined;
  const mode = quoted ? 'quoted' : 'split';
  if (prefix === '#') {
    const held = hold(shell, name, index);
    if (held.list) return [{ text: String(held.values.length), mode }];
    if (held.value === null && shell.options.has('nounset')) throw new ShellError(`${name}: unbound variable`, 127);
    return [{ text: String([...(held.value ?? '')].length), mode }];
  }
  if (prefix === '!') {
    if (operation?.type === 'Names') {
      const names = [...shell.vars.keys()].filter((n) => n.startsWith(name)).sort((a, b) => (a < b ? -1 : 1));
      return show(shell, name, { list: true, values: names, star: operation.operator === '*' }, quoted);
    }
    if (index === '@' || index === '*') {
      return show(
        shell,
        name,
        { list: true, values: arrayOf(shell, name).map(([k]) => k), star: index === '*' },
        quoted,
      );
    }
    const target = getVar(shell, name);
    if (target === null || !(isName(target) || /^\d+$/.test(target))) {
      throw new ShellError(
        target === null ? `${name}: invalid indirect expansion` : `${target}: invalid variable name`,
        1,
      );
    }
    name = target;
  }
  const held = hold(shell, name, prefix === '!' ? undefined : index);
  if (!operation) return show(shell, index === undefined ? name : `${name}[${part.index?.text}]`, held, quoted);
  return yield* operate(shell, { name, index, part }, held, operation, quoted);
}

function* subscript(shell: Shell, name: string, text: string, word: Parameters<typeof expandText>[1]): Io<string> {
  if (text === '@' || text === '*') return text;
  if (shell.vars.get(name)?.kind === 'assoc') return yield* expandText(shell, word);
  let n = yield* expandArithmetic(shell, text);
  if (n < 0n) n += BigInt(Math.max(-1, ...arrayOf(shell, name).map(([k]) => Number(k))) + 1);
  if (n < 0n) throw new ShellError(`${name}: bad array subscript`, 1, false);
  return String(n);
}

interface Target {
  name: string;
  index: string | undefined;
  part: ParameterExpansionPart;
}

function* operate(shell: Shell, target: Target, held: Held, op: ParameterOperation, quoted: boolean): Io<Piece[]> {
  const { name } = target;
  if (op.type === 'Default') return yield* withDefault(shell, target, held, op, quoted);
  if (!held.list && held.value === null && shell.options.has('nounset'))
    throw new ShellError(`${name}: unbound variable`, 127);
  if (op.type === 'Slice') return yield* slice(shell, name, held, op, quoted);
  const each = function* (change: (value: string) => Io<string>): Io<Piece[]> {
    if (!held.list)
      return show(shell, name, { list: false, value: held.value === null ? '' : yield* change(held.value) }, quoted);
    const values: string[] = [];
    for (const value of held.values) values.push(yield* change(value));
    return show(shell, name, { ...held, values }, quoted);
  };
  const pure = (change: (value: string) => string) =>
    each(function* (value) {
      return change(value);
    });
  switch (op.type) {
    case 'Remove': {
      const pattern = yield* expandPattern(shell, op.operand);
      return yield* pure((value) => removePattern(value, pattern, op.operator));
    }
    case 'Replace': {
      const pattern = yield* expandPattern(shell, op.pattern);
      const by = yield* expandText(shell, op.replacement);
      return yield* pure((value) => replacePattern(value, pattern, by, op.operator));
    }
    case 'CaseModification': {
      const pattern = op.operand ? yield* expandPattern(shell, op.operand) : '?';
      return yield* pure((value) => changeCase(value, pattern || '?', op.operator));
    }
    case 'Transform':
      return yield* transform(op.operand.text, pure, target);
    default:
      throw new ShellError(`${target.part.text}: bad substitution`, 1);
  }
}

function* transform(letter: string, pure: (change: (v: string) => string) => Io<Piece[]>, target: Target): Io<Piece[]> {
  if (letter === 'Q') return yield* pure(quoteForReuse);
  if (letter === 'U') return yield* pure((v) => v.toUpperCase());
  if (letter === 'L') return yield* pure((v) => v.toLowerCase());
  if (letter === 'u') return yield* pure((v) => v.slice(0, 1).toUpperCase() + v.slice(1));
  throw new ShellError(`${target.part.text}: bad substitution`, 1);
}

function* withDefault(
  shell: Shell,
  target: Target,
  held: Held,
  op: ParameterOperation & { type: 'Default' },
  quoted: boolean,
): Io<Piece[]> {
  const { name, index } = target;
  const colon = op.operator.startsWith(':');
  const text = held.list ? (held.values.length > 0 ? held.values.join(' ') : null) : held.value;
  const missing = text === null || (colon && text === '');
  const word = function* (): Io<Piece[]> {
    const parts = yield* expandParts(shell, partsOf(op.operand), { quoted }, true);
    // Unquoted text of the word is split as an expansion's is.
    return quoted
      ? parts
      : parts.map((p) => (p !== 'break' && p.mode === 'plain' ? { text: p.text, mode: 'split' as const } : p));
  };
  switch (op.operator.replace(':', '')) {
    case '+':
      return missing ? (quoted ? [{ text: '', mode: 'quoted' }] : []) : yield* word();
    case '-':
      return missing ? yield* word() : show(shell, name, held, quoted);
    case '=': {
      if (!missing) return show(shell, name, held, quoted);
      if (!isName(name)) throw new ShellError(`$${name}: cannot assign in this way`, 1);
      const value = joinPieces(yield* word());
      if (index === undefined) setVar(shell, name, value);
      else setElement(shell, name, index, value);
      return [{ text: value, mode: quoted ? 'quoted' : 'split' }];
    }
    default: {
      if (!missing) return show(shell, name, held, quoted);
      const given = joinPieces(yield* word());
      throw new ShellError(`${name}: ${given || (colon ? 'parameter null or not set' : 'parameter not set')}`, 127);
    }
  }
}

function* slice(
  shell: Shell,
  name: string,
  held: Held,
  op: ParameterOperation & { type: 'Slice' },
  quoted: boolean,
): Io<Piece[]> {
  let offset = Number(yield* expandArithmetic(shell, op.offset.text));
  const length = op.length ? Number(yield* expandArithmetic(shell, op.length.text)) : null;
  if (held.list) {
    const all = name === '@' || name === '*' ? [shell.name, ...held.values] : held.values;
    if (offset < 0) offset += all.length;
    if (length !== null && length < 0) throw new ShellError(`${op.length?.text}: substring expression < 0`, 1);
    const from = (name === '@' || name === '*') && offset === 0 && length === null ? 0 : offset;
    return show(
      shell,
      name,
      { ...held, values: offset < 0 ? [] : all.slice(from, length === null ? undefined : from + length) },
      quoted,
    );
  }
  const chars = [...(held.value ?? '')];
  if (offset < 0) offset += chars.length;
  const end = length === null ? chars.length : length < 0 ? chars.length + length : offset + length;
  if (length !== null && length < 0 && end < offset)
    throw new ShellError(`${op.length?.text}: substring expression < 0`, 1);
  return show(
    shell,
    name,
    { list: false, value: offset < 0 || offset > chars.length ? '' : chars.slice(offset, end).join('') },
    quoted,
  );
}
