/** One command of any kind: simple, compound, function definition, pipeline. */

import { notModelled, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { globMatch } from '../../text/glob.ts';
import { expandArithmetic } from '../expand/arithmetic.ts';
import { expandPattern, expandText, expandWords } from '../expand/word.ts';
import type {
  ArithmeticCommand,
  ArithmeticFor,
  Case,
  For,
  Function as FunctionNode,
  If,
  PipelineNode,
  While,
} from '../parse.ts';
import { errorPrefix, type Shell, ShellError } from '../state.ts';
import { setVar } from '../vars.ts';
import { fork } from './fork.ts';
import { execCondition, execStatements } from './list.ts';
import { execPipeline } from './pipeline.ts';
import { withRedirections } from './redirect.ts';
import { execSimple, trace } from './simple.ts';
import { evalTest } from './test-command.ts';
import { waitForeground } from './wait.ts';

/** Commands within commands: deeper ends the shell's work on them. */
const MAX_DEPTH = 400;

/** Runs a node and answers its status. Throws {@link ShellError} for expansions that fail. */
export function* execNode(shell: Shell, node: PipelineNode): Io<number> {
  if (shell.depth >= MAX_DEPTH) throw new ShellError('maximum nesting of commands exceeded', 1);
  shell.depth++;
  try {
    return yield* node.type === 'Command' ? execSimple(shell, node) : dispatch(shell, node);
  } finally {
    shell.depth--;
  }
}

function* dispatch(shell: Shell, node: Exclude<PipelineNode, { type: 'Command' }>): Io<number> {
  switch (node.type) {
    case 'Pipeline':
      return yield* execPipeline(shell, node);
    case 'Redirected':
      return yield* withRedirections(shell, node.redirects, () => execNode(shell, node.command));
    case 'BraceGroup':
      return yield* execStatements(shell, node.body.commands);
    case 'Subshell': {
      const child = fork(shell, shell.interactive ? { pgid: shell.proc.host.nextPid } : {}, (sub) =>
        execStatements(sub, node.body.commands),
      );
      if (!child) return yield* noFork(shell);
      return (yield* waitForeground(shell, [child], shell.source.text.slice(node.pos, node.end)))[0] as number;
    }
    case 'If':
      return yield* execIf(shell, node);
    case 'For':
      return yield* execFor(shell, node);
    case 'ArithmeticFor':
      return yield* execArithmeticFor(shell, node);
    case 'While':
      return yield* execWhile(shell, node);
    case 'Case':
      return yield* execCase(shell, node);
    case 'TestCommand':
      return yield* execTest(shell, node.expression);
    case 'ArithmeticCommand':
      return yield* execArithmetic(shell, node);
    case 'Function':
      return defineFunction(shell, node);
    case 'Select':
    case 'Coproc':
      return yield* notModelled(`bash: ${node.type === 'Select' ? 'select' : 'coproc'}`);
  }
}

/** Says that no process can be made. */
export function* noFork(shell: Shell): Io<number> {
  yield* printErr(`${shell.name}: fork: retry: Resource temporarily unavailable\n`);
  return 254;
}

function defineFunction(shell: Shell, node: FunctionNode): number {
  shell.functions.set(node.name.value, { body: node.body, source: shell.source });
  return 0;
}

function* execIf(shell: Shell, node: If): Io<number> {
  for (const branch of [node, ...node.elif]) {
    const status = yield* execCondition(shell, branch.clause.commands);
    if (shell.flow) return status;
    if (status === 0) return yield* execStatements(shell, branch.then.commands);
  }
  shell.status = 0;
  return node.else ? yield* execStatements(shell, node.else.commands) : 0;
}

/** Takes a break or continue that is meant for this loop. Answers whether the loop goes on. */
function loopGoesOn(shell: Shell): boolean {
  const { flow } = shell;
  if (!flow) return true;
  if (flow.kind !== 'break' && flow.kind !== 'continue') return false;
  if (flow.levels > 1 && shell.loops > 1) {
    flow.levels--;
    return false;
  }
  shell.flow = null;
  return flow.kind === 'continue';
}

function* loop(shell: Shell, body: () => Io<boolean>): Io<number> {
  shell.loops++;
  let status = 0;
  try {
    for (;;) {
      const ran = yield* body();
      if (!ran && !shell.flow) break;
      if (ran) status = shell.status;
      if (!loopGoesOn(shell)) break;
    }
  } finally {
    shell.loops--;
  }
  return shell.flow ? shell.status : status;
}

function* execFor(shell: Shell, node: For): Io<number> {
  const words = node.wordlist ? yield* expandWords(shell, node.wordlist) : [...shell.positional];
  const name = node.name.value;
  let i = 0;
  return yield* loop(shell, function* () {
    if (i >= words.length) return false;
    if (shell.options.has('xtrace'))
      yield* trace([`for ${name} in`, ...(node.wordlist?.map((w) => w.text) ?? ['"$@"'])]);
    setVar(shell, name, words[i++] as string);
    yield* execStatements(shell, node.body.commands);
    return true;
  });
}

const slice = (shell: Shell, node: { pos: number; end: number } | undefined): string =>
  node ? shell.source.text.slice(node.pos, node.end) : '';

function* execArithmeticFor(shell: Shell, node: ArithmeticFor): Io<number> {
  const value = function* (part: { pos: number; end: number } | undefined) {
    return part ? yield* expandArithmetic(shell, slice(shell, part)) : 1n;
  };
  try {
    yield* value(node.initialize);
    let first = true;
    return yield* loop(shell, function* () {
      yield { op: 'sleep', us: 0 };
      if (!first) yield* value(node.update);
      first = false;
      if ((yield* value(node.test)) === 0n) return false;
      yield* execStatements(shell, node.body.commands);
      return true;
    });
  } catch (error) {
    return yield* arithmeticError(shell, error, '((');
  }
}

function* execTest(shell: Shell, expression: Parameters<typeof evalTest>[1]): Io<number> {
  try {
    return (yield* evalTest(shell, expression)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ShellError) || !error.message.includes('(error token is')) throw error;
    return yield* arithmeticError(shell, error, '[[');
  }
}

function* execArithmetic(shell: Shell, node: ArithmeticCommand): Io<number> {
  if (shell.options.has('xtrace')) yield* trace([`(( ${node.body} ))`]);
  try {
    return (yield* expandArithmetic(shell, node.body)) === 0n ? 1 : 0;
  } catch (error) {
    return yield* arithmeticError(shell, error, '((');
  }
}

function* arithmeticError(shell: Shell, error: unknown, what: string): Io<number> {
  if (!(error instanceof ShellError)) throw error;
  yield* printErr(`${errorPrefix(shell)}${what}: ${error.message}\n`);
  return 1;
}

function* execWhile(shell: Shell, node: While): Io<number> {
  return yield* loop(shell, function* () {
    yield { op: 'sleep', us: 0 };
    const status = yield* execCondition(shell, node.clause.commands);
    if (shell.flow || (status === 0) !== (node.kind === 'while')) return false;
    yield* execStatements(shell, node.body.commands);
    return true;
  });
}

function* execCase(shell: Shell, node: Case): Io<number> {
  const word = yield* expandText(shell, node.word);
  if (shell.options.has('xtrace')) yield* trace([`case ${node.word.text} in`]);
  let fall = false;
  let status = 0;
  for (const item of node.items) {
    let taken = fall;
    for (const pattern of fall ? [] : item.pattern) {
      if (globMatch(yield* expandPattern(shell, pattern), word, { ignoreCase: shell.shopts.has('nocasematch') })) {
        taken = true;
        break;
      }
    }
    if (!taken) continue;
    shell.status = 0;
    status = yield* execStatements(shell, item.body.commands);
    if (shell.flow || item.terminator === ';;' || !item.terminator) return status;
    fall = item.terminator === ';&';
  }
  return status;
}
