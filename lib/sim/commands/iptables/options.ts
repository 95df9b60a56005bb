/** getopt_long(3) for iptables-save and -restore, with the C library's own messages. */

export type Read = { options: Map<string, string>; words: string[] } | { error: string };

/** Reads short options (0: no value, 1: value, 2: optional) and long ones that stand for them. */
export function readOptions(
  argv: readonly string[],
  short: Readonly<Record<string, 0 | 1 | 2>>,
  long: readonly (readonly [string, string])[],
): Read {
  const options = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const found = long.filter(([l]) => l.startsWith(name));
      const one = found.find(([l]) => l === name) ?? (found.length === 1 ? found[0] : undefined);
      if (!one)
        return {
          error:
            found.length > 1
              ? `option '--${name}' is ambiguous`
              : `unrecognized option '${equals < 0 ? word : `--${name}`}'`,
        };
      const letter = one[1];
      if (equals >= 0 && short[letter] === 0) return { error: `option '--${one[0]}' doesn't allow an argument` };
      if (equals < 0 && short[letter] === 1) {
        const value = argv[++i];
        if (value === undefined) return { error: `option '--${one[0]}' requires an argument` };
        options.set(letter, value);
      } else {
        const next = argv[i + 1];
        if (equals < 0 && letter === 'w' && next !== undefined && /^\d+$/.test(next)) i++;
        options.set(letter, equals < 0 ? '' : word.slice(equals + 1));
      }
      continue;
    }
    if (word.length < 2 || word[0] !== '-') {
      words.push(word);
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const takes = short[letter];
      if (takes === undefined) return { error: `invalid option -- '${letter}'` };
      if (takes === 0) {
        options.set(letter, '');
        continue;
      }
      const rest = word.slice(j + 1);
      if (rest !== '') options.set(letter, rest);
      else if (takes === 1) {
        const value = argv[++i];
        if (value === undefined) return { error: `option requires an argument -- '${letter}'` };
        options.set(letter, value);
      } else {
        const next = argv[i + 1];
        if (next !== undefined && /^\d+$/.test(next)) i++;
        options.set(letter, '');
      }
      break;
    }
  }
  return { options, words };
}
