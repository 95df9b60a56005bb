/** Commands in the layout that bash prints them in. */
import type { CompoundList, Function as FunctionNode, PipelineNode, Redirected, Statement } from './parse.ts';

type Printable = FunctionNode['body'] | PipelineNode | CompoundList | Redirected;

const pad = (depth: number): string => ' '.repeat(4 * depth);

/** A command's text, lines after the first indented by `depth`. */
export function nodeText(node: Printable, source: string, depth: number): string {
  const inner = (list: CompoundList, d = depth + 1) => listText(list.commands, source, d);
  const raw = (n: { pos: number; end: number }) =>
    source.slice(n.pos, n.end).replace(/\s+/g, (s) => (s.includes('\n') ? s : ' '));
  switch (node.type) {
    case 'BraceGroup':
      return `{ \n${inner(node.body)}\n${pad(depth)}}`;
    case 'CompoundList':
      return listText(node.commands, source, depth);
    case 'Subshell':
      return `( ${inner(node.body, 0).trimStart()} )`;
    case 'If': {
      let out = `if ${inline(node.clause, source)}; then\n${inner(node.then)}`;
      let close = ';';
      for (const e of node.elif) {
        out += `;\n${pad(depth)}else\n${pad(depth + 1)}if ${inline(e.clause, source)}; then\n${inner(e.then, depth + 2)}`;
        close = `;\n${pad(depth + 1)}fi;`;
      }
      if (node.else) out += `;\n${pad(depth)}else\n${inner(node.else)}`;
      return `${out}${close}\n${pad(depth)}fi`;
    }
    case 'For': {
      const words = node.wordlist ? ` in ${node.wordlist.map((w) => w.text).join(' ')}` : ' in "$@"';
      return `for ${node.name.text}${words};\n${pad(depth)}do\n${inner(node.body)};\n${pad(depth)}done`;
    }
    case 'While':
      return `${node.kind} ${inline(node.clause, source)}; do\n${inner(node.body)};\n${pad(depth)}done`;
    case 'Pipeline':
      return (
        node.prefixes.map((p) => (p.type === 'Negation' ? '! ' : 'time ')).join('') +
        node.commands.map((c, i) => (i > 0 ? ` ${node.operators[i - 1]} ` : '') + nodeText(c, source, depth)).join('')
      );
    default:
      return raw(node);
  }
}

const inline = (list: CompoundList, source: string): string => listText(list.commands, source, 0).trimStart();

function listText(statements: readonly Statement[], source: string, depth: number): string {
  return statements
    .map((s, i) => {
      const { command } = s;
      const text =
        command.type === 'AndOr'
          ? command.commands
              .map((c, k) => (k > 0 ? ` ${command.operators[k - 1]} ` : '') + nodeText(c, source, depth))
              .join('')
          : nodeText(command, source, depth);
      const last = i === statements.length - 1;
      return `${pad(depth)}${text}${s.background ? ' &' : last ? '' : ';'}`;
    })
    .join('\n');
}
