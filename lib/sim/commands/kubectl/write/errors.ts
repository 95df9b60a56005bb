/** How the client words what went wrong. Source: k8s.io/kubectl pkg/cmd/util/helpers.go (checkErr, AddSourceToErr, 1.33). */
import { type ApiError, fieldErrorText } from '../../../k8s/api/status.ts';
import type { Io } from '../../../kernel/process.ts';
import { printErr } from '../../io.ts';

/** Something that went wrong: as the client words it when it is alone, and among others. */
export interface Failure {
  alone: string;
  among: string;
}

/** A complaint of the client's own. */
export const complaint = (text: string): Failure => ({ alone: `error: ${text}\n`, among: `${text}\n` });

/** A server's refusal. `during` is what AddSourceToErr puts before it: `error when creating "STDIN": `. */
export function refusal(error: ApiError, during = ''): Failure {
  const among = `Error from server (${error.reason}): ${during}${error.message}\n`;
  if (error.reason !== 'Invalid') return { alone: among, among };
  if (!error.causes) return { alone: `The request is invalid: ${during}${error.message}\n`, among };
  const [, kind = '', name = ''] = /^(\w+)[\w.-]* "(.*?)" is invalid/s.exec(error.message) ?? [];
  const texts = [...new Set(error.causes.map(fieldErrorText))];
  const start = `The ${kind} "${name}" is invalid: `;
  const alone = texts.length === 1 ? `${start}${texts[0]}\n` : `${start}\n${texts.map((t) => `* ${t}\n`).join('')}`;
  return { alone, among };
}

/** Prints what went wrong, after what went well, and answers the exit status. */
export function* conclude(failures: readonly Failure[]): Io<number> {
  const [first] = failures;
  yield* printErr(failures.length === 1 && first ? first.alone : failures.map((f) => f.among).join(''));
  return failures.length > 0 ? 1 : 0;
}

/** What AddSourceToErr puts before a refusal. */
export const whileDoing = (verb: string, source: string): string => `error when ${verb} "${source}": `;

/** Prints `error: …` and answers exit status 1. */
export function* fail(text: string): Io<number> {
  yield* printErr(`error: ${text}\n`);
  return 1;
}

/** Prints `error: …` with where to look for the usage, and answers exit status 1. */
export function* usage(command: string, text: string): Io<number> {
  return yield* fail(`${text}\nSee 'kubectl ${command} -h' for help and examples`);
}

/** Prints a refusal and answers exit status 1. */
export function* refuse(error: ApiError, during = ''): Io<number> {
  yield* printErr(refusal(error, during).alone);
  return 1;
}
