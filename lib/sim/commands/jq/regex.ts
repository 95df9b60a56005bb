/** jq's functions on regular expressions. */
import { compileRegex, RegexError } from '../../text/regex.ts';
import { type Filter, JqError, JqNotModelled, type Json } from './ast.ts';
import { type Env, type Out, run } from './eval.ts';
import { typeOf } from './value.ts';

const fail = (message: string): never => {
  throw new JqError(message);
};
const shown = (v: Json): string => `${typeOf(v)} (${JSON.stringify(v)})`;
const needString = (v: Json, what: string): string =>
  typeof v === 'string' ? v : fail(`${what} input must be a string`);

/** test, match, capture, sub, gsub. Throws {@link JqError}. */
export function* regexCall(name: string, args: readonly Filter[], input: Out, env: Env): Generator<Out> {
  const text = input.value;
  if (typeof text !== 'string') fail(`${shown(text)} cannot be matched, as it is not a string`);
  const s = text as string;
  const flagsFilter = name === 'test' ? args[1] : undefined;
  for (const pattern of run(args[0] as Filter, s, env)) {
    const flags = flagsFilter ? String([...run(flagsFilter, s, env)][0] ?? '') : '';
    if (/[^gix]/.test(flags)) throw new JqNotModelled(`regular expression flags ${flags}`);
    try {
      const regex = compileRegex(needString(pattern, 'regex'), { perl: true, ignoreCase: flags.includes('i') });
      const groups = (m: NonNullable<ReturnType<typeof regex.exec>>) =>
        m.groups.slice(1).map((g, i) => ({
          offset: g === undefined ? -1 : (m.spans[2 * i + 2] as number),
          length: g?.length ?? 0,
          string: g ?? null,
          name: regex.groupNames[i] ?? null,
        }));
      const m = regex.exec(s, 0);
      if (name === 'test') yield { value: m !== null, path: null };
      else if (name === 'match') {
        if (m)
          yield {
            value: { offset: m.index, length: m.end - m.index, string: m.groups[0] ?? '', captures: groups(m) },
            path: null,
          };
      } else if (name === 'capture') {
        if (m)
          yield {
            value: Object.fromEntries(
              groups(m)
                .filter((g) => g.name !== null)
                .map((g) => [g.name as string, g.string]),
            ),
            path: null,
          };
      } else {
        let out = '';
        let at = 0;
        for (let from = 0; from <= s.length; ) {
          const hit = regex.exec(s, from);
          if (!hit) break;
          const named = Object.fromEntries(
            groups(hit)
              .filter((g) => g.name !== null)
              .map((g) => [g.name as string, g.string]),
          );
          out += s.slice(at, hit.index) + needString([...run(args[1] as Filter, named, env)][0] ?? null, name);
          at = hit.end;
          from = hit.end > hit.index ? hit.end : hit.end + 1;
          if (name === 'sub') break;
        }
        yield { value: out + s.slice(at), path: null };
      }
    } catch (error) {
      if (error instanceof RegexError)
        throw new JqError(
          `${JSON.stringify(pattern).slice(1, -1)} (at offset 0) is not a valid regex: ${error.message}`,
        );
      throw error;
    }
  }
}
