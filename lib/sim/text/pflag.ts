/** Command lines as spf13/pflag reads them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, grouped short flags, `--`. */
export interface FlagSpec {
  name: string;
  short?: string;
  /** A flag without a value; `--name=false` still works. */
  bool?: boolean;
  /** Value that `--name` alone stands for. */
  bare?: string;
}

export interface Flags {
  args: string[];
  /** What follows `--`. */
  after: string[];
  /** Whether `--` was there. */
  dashed: boolean;
  values: Map<string, string[]>;
}

export type FlagResult = { ok: true; flags: Flags } | { ok: false; error: string };

/** Parses. `interspersed` false stops at the first operand, as `kubectl exec` does. */
export function parseFlags(argv: readonly string[], specs: readonly FlagSpec[]): FlagResult {
  const flags: Flags = { args: [], after: [], dashed: false, values: new Map() };
  const set = (name: string, value: string): void =>
    void flags.values.set(name, [...(flags.values.get(name) ?? []), value]);
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      flags.dashed = true;
      flags.after = argv.slice(i + 1);
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', inline] = word.slice(2).split(/=(.*)/s, 2);
      const spec = specs.find((s) => s.name === name);
      if (!spec) return { ok: false, error: `unknown flag: --${name}` };
      if (inline !== undefined) set(name, inline);
      else if (spec.bool) set(name, 'true');
      else if (spec.bare !== undefined) set(name, spec.bare);
      else if (i + 1 < argv.length) set(name, argv[++i] as string);
      else return { ok: false, error: `flag needs an argument: --${name}` };
    } else if (word.startsWith('-') && word !== '-') {
      let rest = word.slice(1);
      while (rest !== '') {
        const short = rest[0] as string;
        const spec = specs.find((s) => s.short === short);
        if (!spec) return { ok: false, error: `unknown shorthand flag: '${short}' in ${word}` };
        rest = rest.slice(1);
        if (spec.bool) {
          if (rest.startsWith('=')) {
            set(spec.name, rest.slice(1));
            rest = '';
          } else set(spec.name, 'true');
          continue;
        }
        if (rest !== '') set(spec.name, rest.replace(/^=/, ''));
        else if (i + 1 < argv.length) set(spec.name, argv[++i] as string);
        else return { ok: false, error: `flag needs an argument: '${short}' in ${word}` };
        rest = '';
      }
    } else flags.args.push(word);
  }
  return { ok: true, flags };
}

/** Last value of a flag. */
export const flagValue = (flags: Flags, name: string): string | undefined => flags.values.get(name)?.at(-1);

/** Whether a boolean flag is on. */
export const isOn = (flags: Flags, name: string): boolean => {
  const value = flagValue(flags, name);
  return value !== undefined && value !== 'false';
};
