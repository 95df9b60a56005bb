/** GNU getopt_long: options anywhere, long ones abbreviated, the library's own messages. */

export interface OptionSpec {
  /** As getopt(3): `n:` takes a value, `i::` may take one. A leading `+` stops at the first operand. */
  short: string;
  /** Long names; `=` takes a value, `?` may take one. The value here is the key it counts as (by default its own name). */
  long?: Record<string, string>;
  /** Keys that the real program has and the model has not. */
  notModelled?: readonly string[];
}

export interface ParsedOptions {
  options: { key: string; value: string | undefined }[];
  operands: string[];
  /** What getopt prints, without the program's name; undefined when all is well. */
  error?: string;
}

/** Parses arguments (without the program's name). Stops at the first error. */
export function getopt(args: readonly string[], spec: OptionSpec): ParsedOptions {
  const result: ParsedOptions = { options: [], operands: [] };
  const stopEarly = spec.short.startsWith('+');
  const short = stopEarly ? spec.short.slice(1) : spec.short;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      result.operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      if (stopEarly) {
        result.operands.push(...args.slice(i));
        break;
      }
      result.operands.push(arg);
      continue;
    }
    const used = arg.startsWith('--')
      ? longOption(arg, args[i + 1], spec, result)
      : shortOptions(arg, args[i + 1], short, result);
    if (result.error !== undefined) return result;
    i += used;
  }
  return result;
}

function shortOptions(arg: string, next: string | undefined, short: string, result: ParsedOptions): number {
  for (let k = 1; k < arg.length; k++) {
    const letter = arg[k] as string;
    const at = letter === ':' ? -1 : short.indexOf(letter);
    if (at < 0) {
      result.error = `invalid option -- '${letter}'`;
      return 0;
    }
    const rest = arg.slice(k + 1);
    if (short[at + 1] !== ':') result.options.push({ key: letter, value: undefined });
    else if (short[at + 2] === ':') {
      result.options.push({ key: letter, value: rest === '' ? undefined : rest });
      return 0;
    } else if (rest !== '') {
      result.options.push({ key: letter, value: rest });
      return 0;
    } else if (next === undefined) {
      result.error = `option requires an argument -- '${letter}'`;
      return 0;
    } else {
      result.options.push({ key: letter, value: next });
      return 1;
    }
  }
  return 0;
}

function longOption(arg: string, next: string | undefined, spec: OptionSpec, result: ParsedOptions): number {
  const equals = arg.indexOf('=');
  const name = arg.slice(2, equals < 0 ? undefined : equals);
  const given = equals < 0 ? undefined : arg.slice(equals + 1);
  const all = Object.keys(spec.long ?? {});
  const bare = (n: string) => n.replace(/[=?]$/, '');
  const exact = all.find((n) => bare(n) === name);
  const matches = exact === undefined ? all.filter((n) => n.startsWith(name)) : [exact];
  const [match] = matches;
  if (match === undefined) {
    result.error = `unrecognized option '--${name}'`;
    return 0;
  }
  const keys = new Set(matches.map((m) => (spec.long as Record<string, string>)[m] || bare(m)));
  if (matches.length > 1 && keys.size > 1) {
    result.error = `option '--${name}' is ambiguous; possibilities:${matches.map((m) => ` '--${bare(m)}'`).join('')}`;
    return 0;
  }
  const key = (spec.long as Record<string, string>)[match] || bare(match);
  if (!/[=?]$/.test(match)) {
    if (given !== undefined) result.error = `option '--${bare(match)}' doesn't allow an argument`;
    else result.options.push({ key, value: undefined });
    return 0;
  }
  if (given !== undefined || match.endsWith('?')) result.options.push({ key, value: given });
  else if (next === undefined) result.error = `option '--${bare(match)}' requires an argument`;
  else {
    result.options.push({ key, value: next });
    return 1;
  }
  return 0;
}
