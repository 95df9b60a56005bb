/** What Go's YAML library says where ours says otherwise. Source: gopkg.in/yaml.v2 scannerc.go, parserc.go, decode.go (fail). */
/** A complaint of the parser: its code, what it says, and where in the text. */
interface Complaint {
  code: string;
  message: string;
  pos: readonly [number, number];
}

/** Scanner errors name the line they stand in, parser errors the one before it. */
const WORDS: readonly { code: string; test?: RegExp; words: string; scanner: boolean }[] = [
  { code: 'TAB_AS_INDENT', words: 'found character that cannot start any token', scanner: true },
  { code: 'BAD_INDENT', test: /mapping items/, words: 'did not find expected key', scanner: false },
  { code: 'BAD_INDENT', test: /sequence items/, words: "did not find expected '-' indicator", scanner: false },
  { code: 'BAD_INDENT', test: /[Ff]low map/, words: "did not find expected ',' or '}'", scanner: false },
  { code: 'BAD_INDENT', test: /[Ff]low seq/, words: "did not find expected ',' or ']'", scanner: false },
  { code: 'MISSING_CHAR', test: /[Ff]low map/, words: "did not find expected ',' or '}'", scanner: false },
  { code: 'MISSING_CHAR', test: /[Ff]low seq/, words: "did not find expected ',' or ']'", scanner: false },
  { code: 'MISSING_CHAR', test: /quote/, words: 'found unexpected end of stream', scanner: true },
  { code: 'MISSING_CHAR', test: /Implicit map key|map values/, words: "could not find expected ':'", scanner: true },
  { code: 'BLOCK_AS_IMPLICIT_KEY', words: 'mapping values are not allowed in this context', scanner: true },
  { code: 'MULTILINE_IMPLICIT_KEY', words: 'mapping values are not allowed in this context', scanner: true },
  { code: 'BAD_SCALAR_START', words: 'found character that cannot start any token', scanner: true },
  { code: 'UNEXPECTED_TOKEN', words: 'did not find expected key', scanner: false },
];

/** The line as Go counts it, and what it says; `line 4: did not find expected key`. */
export function goYamlError(error: Complaint, text: string): string {
  const line = text.slice(0, error.pos[0]).split('\n').length;
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^\s*(?:- )*["']?([^"':]+)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
    return `unmarshal errors:\n  line ${line}: key ${JSON.stringify(key)} already set in map`;
  }
  const found = WORDS.find((w) => w.code === error.code && (w.test?.test(error.message) ?? true));
  if (!found) return `line ${line}: ${error.message}`;
  const shown = line === 1 ? 0 : found.scanner ? line : line - 1;
  return `${shown === 0 ? '' : `line ${shown}: `}${found.words}`;
}
