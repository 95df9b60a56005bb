/** Options of the CLI's verbs: `--name value`, `--name=value`, flags, and operands. */
export class UsageError extends Error {}

export interface Args {
  operands: string[];
  options: Map<string, string>;
  flags: Set<string>;
}

/** Parses; throws {@link UsageError} on what is not declared. */
export function parseArgs(argv: readonly string[], valued: readonly string[], flags: readonly string[]): Args {
  const args: Args = { operands: [], options: new Map(), flags: new Set() };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (!word.startsWith('--')) {
      args.operands.push(word);
      continue;
    }
    const [name = '', inline] = word.slice(2).split(/=(.*)/s, 2);
    if (flags.includes(name) && inline === undefined) args.flags.add(name);
    else if (valued.includes(name)) {
      const value = inline ?? argv[++i];
      if (value === undefined) throw new UsageError(`--${name} needs a value`);
      args.options.set(name, value);
    } else throw new UsageError(`unknown option --${name}`);
  }
  return args;
}

/** A seed: a whole number from 0 to 2³¹. */
export function seedOf(args: Args): number {
  const text = args.options.get('seed') ?? '1';
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31)
    throw new UsageError(`--seed wants a number from 0 to 2147483648, not ${text}`);
  return Number(text);
}

/** A whole number from 0 to 2³¹, or the default. */
export function countOf(args: Args, name: string, otherwise: number): number {
  const text = args.options.get(name) ?? String(otherwise);
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31) throw new UsageError(`--${name} wants a number, not ${text}`);
  return Number(text);
}

/** The value of an option that must be there. */
export function required(args: Args, name: string): string {
  const value = args.options.get(name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}
