/** A Corefile as Caddy reads it: server blocks of directives, each with arguments and a block of its own. Source: coredns/caddy caddyfile/{lexer,parse,dispenser}.go. */
export interface Line {
  name: string;
  args: string[];
  line: number;
}

export interface Directive extends Line {
  body: Line[];
}

export interface ServerBlock {
  keys: string[];
  directives: Directive[];
}

/** What is wrong, as Caddy words it. */
export class CorefileError extends Error {}

const FILE = '/etc/coredns/Corefile';

export const parseError = (line: number, text: string): CorefileError =>
  new CorefileError(`${FILE}:${line} - Error during parsing: ${text}`);

/** "Wrong argument count …" after a word. */
export const argError = ({ line, name, args }: Line): CorefileError =>
  parseError(line, `Wrong argument count or unexpected line ending after '${args.at(-1) ?? name}'`);

/** Words of a line; quotes keep blanks, `#` begins a comment. */
function words(line: string): string[] {
  const out: string[] = [];
  for (const m of line.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|(\S+)/g)) {
    if (m[2] !== undefined) break;
    out.push(m[1] ?? (m[3] as string));
  }
  return out;
}

/** Parses; throws {@link CorefileError}. `known` says which directives there are. */
export function parseCorefile(text: string, known: (name: string) => boolean): ServerBlock[] {
  const lines = text.split('\n').map((l, i) => ({ line: i + 1, words: words(l) }));
  const full = lines.filter((l) => l.words.length > 0);
  const blocks: ServerBlock[] = [];
  const last = full.at(-1)?.line ?? 1;
  let at = 0;
  while (at < full.length) {
    const head = full[at++] as (typeof full)[number];
    const open = head.words.at(-1) === '{';
    const keys = (open ? head.words.slice(0, -1) : head.words).map((k) => k.replace(/,$/, ''));
    const block: ServerBlock = { keys, directives: [] };
    let closed = false;
    while (at < full.length && !closed) {
      const row = full[at++] as (typeof full)[number];
      if (open && row.words[0] === '}') {
        closed = true;
        break;
      }
      const [name = '', ...rest] = row.words;
      if (!known(name)) throw parseError(row.line, `Unknown directive '${name}'`);
      const nested = rest.at(-1) === '{';
      const directive: Directive = { name, args: nested ? rest.slice(0, -1) : rest, line: row.line, body: [] };
      block.directives.push(directive);
      if (!nested) continue;
      for (;;) {
        const inner = full[at++];
        if (!inner) throw parseError(last, 'Unexpected EOF');
        if (inner.words[0] === '}') break;
        const [key = '', ...args] = inner.words;
        directive.body.push({ name: key, args, line: inner.line });
      }
    }
    if (open && !closed) throw parseError(last, 'Unexpected EOF');
    blocks.push(block);
  }
  return blocks;
}
