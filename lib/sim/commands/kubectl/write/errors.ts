/** How the client words what went wrong. Source: k8s.io/kubectl pkg/cmd/util/helpers.go (checkErr, AddSourceToErr, 1.33). */
import { type ApiError, fieldErrorText } from '../../../k8s/api/status.ts';
import type { Io } from '../../../kernel/process.ts';
import { printErr } from '../../io.ts';

/** A server's refusal, whole, with its line end. `during` is what AddSourceToErr puts before it: `error when creating "STDIN": `. */
export function refusal(error: ApiError, during = ''): string {
  if (error.reason === 'Invalid' && error.causes) {
    const [, kind = '', name = ''] = /^(\w+)[\w.-]* "(.*?)" is invalid/s.exec(error.message) ?? [];
    const texts = [...new Set(error.causes.map(fieldErrorText))];
    const start = `The ${kind} "${name}" is invalid: `;
    return texts.length === 1 ? `${start}${texts[0]}\n` : `${start}\n${texts.map((t) => `* ${t}\n`).join('')}`;
  }
  if (error.reason === 'Invalid') return `The request is invalid: ${during}${error.message}\n`;
  return `Error from server (${error.reason}): ${during}${error.message}\n`;
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
  yield* printErr(refusal(error, during));
  return 1;
}
