/** Redirections: expanded by the shell, applied to the process that runs the command. */

import { printErr } from '../../commands/io.ts';
import { closeFd } from '../../kernel/files.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { joinPieces } from '../expand/pieces.ts';
import { expandParts, expandText, expandWords } from '../expand/word.ts';
import { restoreFds, type SavedFds, saveFd, setFd } from '../fds.ts';
import type { HereDoc, Redirection } from '../parse.ts';
import { errorPrefix, type Shell, ShellError } from '../state.ts';
import { strerror } from '../vfs/errno.ts';
import type { OpenMode } from '../vfs/open.ts';
import { vfsOf } from '../vfs/vfs.ts';

/** A redirection after expansion. */
export type Plan =
  | { kind: 'open'; fd: number; path: string; mode: OpenMode; clobber: boolean; both: boolean }
  | { kind: 'dup'; fd: number; from: number; word: string; move: boolean }
  | { kind: 'close'; fd: number }
  | { kind: 'text'; fd: number; text: string };

/** Expands redirections in order. Throws {@link ShellError} for an ambiguous one. */
export function* planRedirections(shell: Shell, redirections: readonly Redirection[]): Io<Plan[]> {
  const plans: Plan[] = [];
  for (const r of redirections) {
    if (r.descriptor?.type === 'FileDescriptorVariable')
      throw new ShellError(`{${r.descriptor.name}}: flatnet: not modelled`, 64, false);
    const given = r.descriptor?.value;
    if (r.type === 'HereDoc') plans.push({ kind: 'text', fd: given ?? 0, text: yield* hereText(shell, r) });
    else if (r.type === 'HereString') {
      plans.push({ kind: 'text', fd: given ?? 0, text: `${r.target ? yield* expandText(shell, r.target) : ''}\n` });
    } else {
      const words = r.target ? yield* expandWords(shell, [r.target]) : [];
      const [word] = words;
      if (word === undefined || words.length > 1)
        throw new ShellError(`${r.target?.text ?? ''}: ambiguous redirect`, 1, false);
      plans.push(planFile(r.operator, given, word));
    }
  }
  return plans;
}

function planFile(operator: string, given: number | undefined, word: string): Plan {
  const output = operator.includes('>') && operator !== '<>';
  const fd = given ?? (output ? 1 : 0);
  if (operator === '<&' || operator === '>&') {
    if (word === '-') return { kind: 'close', fd };
    if (/^\d{1,9}-?$/.test(word))
      return { kind: 'dup', fd, from: Number.parseInt(word, 10), word, move: word.endsWith('-') };
    if (operator === '>&' && given === undefined)
      return { kind: 'open', fd: 1, path: word, mode: 'w', clobber: false, both: true };
    throw new ShellError(`${word}: ambiguous redirect`, 1, false);
  }
  const mode: OpenMode = operator === '<' ? 'r' : operator === '<>' ? 'rw' : operator.endsWith('>>') ? 'a' : 'w';
  return { kind: 'open', fd, path: word, mode, clobber: operator === '>|', both: operator.startsWith('&') };
}

function* hereText(shell: Shell, doc: HereDoc): Io<string> {
  // `<<-` takes the tabs off the lines as they are written, not off what expands.
  const strip = (t: string, atStart: boolean): string =>
    doc.operator === '<<-' ? t.replace(atStart ? /(^|\n)\t+/g : /(\n)\t+/g, '$1') : t;
  const raw = strip(doc.body.text, true);
  let text = raw;
  if (!doc.delimiter?.quoted && doc.body.parts) {
    const parts = doc.body.parts.map((part, i) =>
      part.type === 'Literal' && doc.operator === '<<-'
        ? { ...part, value: strip(part.value, i === 0), text: strip(part.text, i === 0) }
        : part,
    );
    text = joinPieces(yield* expandParts(shell, parts, { quoted: true }, false));
  } else if (!doc.delimiter?.quoted) text = raw.replace(/\\([\\$`\n])/g, (_, c: string) => (c === '\n' ? '' : c));
  if (!doc.closing && doc.delimiter) {
    const word = doc.delimiter.value;
    yield* printErr(
      `${errorPrefix(shell)}warning: here-document at line ${lineOf(shell, doc.pos)} delimited by end-of-file (wanted \`${word}')\n`,
    );
  }
  return text;
}

const lineOf = (shell: Shell, pos: number): number =>
  shell.source.line + shell.source.text.slice(0, pos).split('\n').length - 1;

/** Opens what a plan says on `proc`. Answers an error's text (without prefix), or null. `saved` keeps what was there. */
export function applyPlans(
  proc: Proc,
  plans: readonly Plan[],
  options: { noclobber: boolean; umask: number },
  saved: SavedFds | null,
): string | null {
  for (const plan of plans) {
    if (saved) {
      saveFd(proc, plan.fd, saved);
      if (plan.kind === 'open' && plan.both) saveFd(proc, 2, saved);
    }
    if (plan.kind === 'close') closeFd(proc, plan.fd);
    else if (plan.kind === 'text') setFd(proc, plan.fd, { kind: 'source', text: plan.text });
    else if (plan.kind === 'dup') {
      const from = proc.fds.get(plan.from);
      if (!from) return `${plan.word}: Bad file descriptor`;
      setFd(proc, plan.fd, from);
      if (plan.move && plan.from !== plan.fd) closeFd(proc, plan.from);
    } else {
      const vfs = vfsOf(proc);
      if (options.noclobber && plan.mode === 'w' && !plan.clobber) {
        const at = vfs.stat(plan.path);
        if (at.ok && at.value.type === 'file') return `${plan.path}: cannot overwrite existing file`;
      }
      const file = vfs.open(plan.path, plan.mode, 0o666 & ~options.umask);
      if (!file.ok) return `${plan.path}: ${strerror(file.errno)}`;
      setFd(proc, plan.fd, file.value);
      if (plan.both) setFd(proc, 2, file.value);
    }
  }
  return null;
}

/** What {@link applyPlans} needs to know of the shell. */
export const redirectOptions = (shell: Shell) => ({ noclobber: shell.options.has('noclobber'), umask: shell.umask });

/** Runs `body` with redirections on the shell itself, and puts its descriptors back. */
export function* withRedirections(
  shell: Shell,
  redirections: readonly Redirection[],
  body: () => Io<number>,
): Io<number> {
  const plans = yield* planRedirections(shell, redirections);
  return yield* withPlans(shell, plans, body);
}

/** The same with redirections already expanded. */
export function* withPlans(shell: Shell, plans: readonly Plan[], body: () => Io<number>): Io<number> {
  if (plans.length === 0) return yield* body();
  const saved: SavedFds = new Map();
  const error = applyPlans(shell.proc, plans, redirectOptions(shell), saved);
  if (error !== null) {
    restoreFds(shell.proc, saved);
    yield* printErr(`${errorPrefix(shell)}${error}\n`);
    return 1;
  }
  const fds = shell.substFds;
  shell.substFds = [];
  try {
    return yield* body();
  } finally {
    restoreFds(shell.proc, saved);
    for (const fd of fds) closeFd(shell.proc, fd);
  }
}
