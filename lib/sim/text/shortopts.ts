/** getopt(3) for short options: clusters, glued and separate values, arguments anywhere. In glibc's words. */
export interface ShortOptions {
  /** In order: the letter, and its value or ''. */
  options: [letter: string, value: string][];
  args: string[];
  /** What getopt prints for the first wrong option, with its newline; null when all is well. */
  error: string | null;
}

/**
 * Reads `argv` (the name first) by an option string: `c:` takes a value. Stops at the first wrong option. With `inOrder`
 * options end at the first argument (`+`, or BSD's getopt).
 */
export function shortOptions(argv: readonly string[], spec: string, inOrder = false): ShortOptions {
  const name = argv[0] ?? '';
  const result: ShortOptions = { options: [], args: [], error: null };
  const takesValue = (letter: string): boolean | null => {
    const at = letter === ':' ? -1 : spec.indexOf(letter);
    return at < 0 ? null : spec[at + 1] === ':';
  };
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      result.args.push(...argv.slice(i + 1));
      break;
    }
    if (word.length < 2 || word[0] !== '-') {
      if (inOrder) {
        result.args.push(...argv.slice(i));
        break;
      }
      result.args.push(word);
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const value = takesValue(letter);
      if (value === null) {
        result.error = `${name}: invalid option -- '${letter}'\n`;
        return result;
      }
      if (!value) {
        result.options.push([letter, '']);
        continue;
      }
      const rest = word.slice(j + 1);
      const next = rest === '' ? argv[++i] : rest;
      if (next === undefined) {
        result.error = `${name}: option requires an argument -- '${letter}'\n`;
        return result;
      }
      result.options.push([letter, next]);
      break;
    }
  }
  return result;
}
