/** `[[ … ]]`: words are not split; `==` takes patterns, `=~` regular expressions. */
import type { Io } from '../../kernel/process.ts';
import { globMatch } from '../../text/glob.ts';
import { compileRegex, RegexError } from '../../text/regex.ts';
import { expandArithmetic } from '../expand/arithmetic.ts';
import { expandParts, expandPattern, expandText, partsOf } from '../expand/word.ts';
import type { TestBinaryExpression, TestExpression, Word } from '../parse.ts';
import { type Shell, ShellError } from '../state.ts';
import { toArray, writable } from '../vars.ts';
import { compareFiles, unaryTest } from './test-primaries.ts';

/** Whether the expression holds. Throws {@link ShellError}. */
export function* evalTest(shell: Shell, e: TestExpression): Io<boolean> {
  switch (e.type) {
    case 'TestLogical': {
      const stop = e.operator === '||';
      for (const operand of e.operands) if ((yield* evalTest(shell, operand)) === stop) return stop;
      return !stop;
    }
    case 'TestNot': {
      const held = yield* evalTest(shell, e.operand);
      return e.negations.length % 2 === 1 ? !held : held;
    }
    case 'TestGroup':
      return yield* evalTest(shell, e.expression);
    case 'TestUnary':
      return unaryTest(shell, e.operator, yield* expandText(shell, e.operand)) ?? false;
    case 'TestBinary':
      return yield* binary(shell, e);
  }
}

const NUMERIC: Record<string, (a: bigint, b: bigint) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

function* binary(shell: Shell, e: TestBinaryExpression): Io<boolean> {
  const left = yield* expandText(shell, e.left);
  const numeric = NUMERIC[e.operator];
  if (numeric)
    return numeric(
      yield* expandArithmetic(shell, left),
      yield* expandArithmetic(shell, yield* expandText(shell, e.right)),
    );
  const ignoreCase = shell.shopts.has('nocasematch');
  switch (e.operator) {
    case '=':
    case '==':
      return globMatch(yield* expandPattern(shell, e.right), left, { ignoreCase });
    case '!=':
      return !globMatch(yield* expandPattern(shell, e.right), left, { ignoreCase });
    case '<':
      return left < (yield* expandText(shell, e.right));
    case '>':
      return left > (yield* expandText(shell, e.right));
    case '=~':
      return yield* regexTest(shell, left, e.right, ignoreCase);
    default:
      return compareFiles(shell, e.operator, left, yield* expandText(shell, e.right)) ?? false;
  }
}

function* regexTest(shell: Shell, text: string, right: Word, ignoreCase: boolean): Io<boolean> {
  // Quoted parts of the expression match literally.
  const pieces = yield* expandParts(shell, partsOf(right), { quoted: false }, true);
  const pattern = pieces
    .map((p) => (p === 'break' ? ' ' : p.mode === 'quoted' ? p.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : p.text))
    .join('');
  let found: ReturnType<ReturnType<typeof compileRegex>['exec']>;
  try {
    found = compileRegex(pattern, { extended: true, ignoreCase }).exec(text, 0);
  } catch (error) {
    if (error instanceof RegexError) throw new ShellError('', 2, false);
    throw error;
  }
  const v = writable(shell, 'BASH_REMATCH');
  toArray(v);
  v.items = new Map();
  if (!found) return false;
  found.groups.forEach((g, i) => void v.items.set(String(i), g ?? ''));
  return true;
}
