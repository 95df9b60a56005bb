/** What bash says about source it cannot parse. */
import type { ParseFailure } from './parse.ts';
import { lineNumber, type Shell, type Source } from './state.ts';

const TOKEN = /^(?:&&|\|\||;;&|;;|;&|\|&|<<<|<<-|<<|>>|<&|>&|<>|>\||&>>|&>|[|&;()<>]|\n|[^\s|&;()<>]+)/;

/** The message, newline included. `label` stands between name and line (`-c`, `eval`). */
export function syntaxMessage(shell: Shell, errors: readonly ParseFailure[], source: Source, label?: string): string {
  const where = label ? `${label}: ` : shell.inlineSource ? '-c: ' : '';
  const line = (pos: number) => lineNumber({ ...shell, source }, pos);
  const prefix = (pos: number, extra = 0) =>
    shell.interactive && !label ? `${shell.name}: ` : `${shell.name}: ${where}line ${line(pos) + extra}: `;
  const [first] = errors;
  if (!first) return '';
  const open =
    /^unterminated (double quote|single quote|command substitution|backtick|parameter expansion|arithmetic|.*)/.exec(
      first.message,
    );
  if (open)
    return `${prefix(first.pos)}unexpected EOF while looking for matching \`${closer(source.text, first.pos)}'\n`;
  const rest = source.text.slice(first.pos);
  const at = first.pos + rest.length - rest.replace(/^[ \t]+/, '').length;
  const token = TOKEN.exec(source.text.slice(at))?.[0];
  if (token === undefined || (token === '\n' && source.text.slice(at).trim() === '')) {
    return `${prefix(source.text.length, source.text.endsWith('\n') ? 0 : 1)}syntax error: unexpected end of file\n`;
  }
  const shown = token === '\n' ? 'newline' : token;
  const text = source.text.split('\n')[line(at) - source.line] ?? '';
  const message = `${prefix(at)}syntax error near unexpected token \`${shown}'\n`;
  return shell.interactive && !label ? message : `${message}${prefix(at)}\`${text}'\n`;
}

function closer(text: string, pos: number): string {
  const rest = text.slice(pos);
  if (rest.startsWith('"') || rest.startsWith('$"')) return '"';
  if (rest.startsWith("'") || rest.startsWith("$'")) return "'";
  if (rest.startsWith('`')) return '`';
  if (rest.startsWith('${')) return '}';
  return ')';
}
