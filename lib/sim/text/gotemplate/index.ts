/** Go's text/template over JSON data, as kubectl's -o go-template has it. Source: Go src/text/template/exec.go. */

import { isRecord } from '../record.ts';
import { FUNCTIONS, show, truth } from './functions.ts';
import { TemplateError } from './lex.ts';
import { type Arg, type Command, type Node, type Pipe, parse } from './parse.ts';

export type TemplateResult =
  | { ok: true; text: string }
  /** `text` is what was written before it failed; `shown` the data as Go prints it. */
  | { ok: false; parsing: boolean; error: string; text: string; shown: string };

const MAX_OUTPUT = 4_000_000;
const MAX_STEPS = 1_000_000;

const nothing = Symbol('no value');

type Variables = [string, unknown][];

class Break extends Error {}
class Continue extends Error {}

class Run {
  text = '';
  private steps = 0;

  private fail(message: string, { at, shown }: Pick<Command, 'at' | 'shown'>): never {
    throw new TemplateError(`executing "output" at <${shown}>: ${message}`, at);
  }

  nodes(list: readonly Node[], dot: unknown, variables: Variables): void {
    const depth = variables.length;
    for (const node of list) this.node(node, dot, variables);
    variables.length = depth;
  }

  private node(node: Node, dot: unknown, variables: Variables): void {
    if (++this.steps > MAX_STEPS || this.text.length > MAX_OUTPUT) throw new TemplateError('output is too large', 0);
    switch (node.type) {
      case 'text':
        this.text += node.text;
        return;
      case 'break':
        throw new Break();
      case 'continue':
        throw new Continue();
      case 'action': {
        const value = this.pipe(node.pipe, dot, variables);
        if (node.pipe.declared.length === 0)
          this.text += value === null || value === undefined || value === nothing ? '<no value>' : show(value);
        return;
      }
      case 'range':
        this.range(node, dot, variables);
        return;
      default: {
        const depth = variables.length;
        const value = this.pipe(node.pipe, dot, variables);
        const on = value !== nothing && truth(value);
        if (on) this.nodes(node.body, node.type === 'with' ? value : dot, variables);
        else this.nodes(node.otherwise, dot, variables);
        variables.length = depth;
      }
    }
  }

  private range(node: Extract<Node, { pipe: Pipe; body: Node[] }>, dot: unknown, variables: Variables): void {
    const depth = variables.length;
    const { declared } = node.pipe;
    const value = this.pipe({ ...node.pipe, declared: [] }, dot, variables);
    const [first] = node.pipe.commands as [Command];
    const pairs: [unknown, unknown][] = Array.isArray(value)
      ? value.map((v, i) => [BigInt(i), v])
      : isRecord(value)
        ? Object.keys(value)
            .sort()
            .map((k) => [k, value[k]])
        : typeof value === 'bigint'
          ? Array.from({ length: Math.min(Number(value), 10_000) }, (_, i) => [BigInt(i), BigInt(i)])
          : [];
    if (
      !Array.isArray(value) &&
      (typeof value === 'object') === false &&
      typeof value !== 'bigint' &&
      value !== nothing &&
      value !== undefined
    )
      this.fail(`range can't iterate over ${show(value)}`, first);
    if (pairs.length === 0) this.nodes(node.otherwise, dot, variables);
    try {
      for (const [key, item] of pairs) {
        if (declared.length === 2) variables.push([declared[0] as string, key]);
        if (declared.length > 0) variables.push([declared.at(-1) as string, item]);
        try {
          this.nodes(node.body, item, variables);
        } catch (stop) {
          if (!(stop instanceof Continue)) throw stop;
        }
        variables.length = depth;
      }
    } catch (stop) {
      if (!(stop instanceof Break)) throw stop;
    }
    variables.length = depth;
  }

  private pipe({ declared, assigns, commands }: Pipe, dot: unknown, variables: Variables): unknown {
    let value: unknown = nothing;
    for (const [i, command] of commands.entries()) value = this.command(command, dot, variables, i > 0 ? [value] : []);
    for (const name of declared) {
      const known = assigns ? variables.findLast(([n]) => n === name) : undefined;
      if (known) known[1] = value;
      else variables.push([name, value]);
    }
    return value;
  }

  private command(command: Command, dot: unknown, variables: Variables, piped: unknown[]): unknown {
    const [first, ...rest] = command.args as [Arg, ...Arg[]];
    if (first.type !== 'function') {
      if (rest.length > 0 || piped.length > 0) this.fail(`can't give argument to non-function ${first.shown}`, first);
      return this.arg(first, dot, variables);
    }
    const lazy = first.name === 'and' || first.name === 'or';
    const values: unknown[] = [];
    for (const arg of rest) {
      const value = this.arg(arg, dot, variables);
      values.push(value === nothing ? null : value);
      if (lazy && truth(value) === (first.name === 'or')) return value;
    }
    values.push(...piped.map((v) => (v === nothing ? null : v)));
    if (lazy) return values.at(-1);
    try {
      return FUNCTIONS[first.name]?.(...values);
    } catch (error) {
      const { message } = error as Error;
      return this.fail(
        message.startsWith('invalid value') ? message : `error calling ${first.name}: ${message}`,
        command,
      );
    }
  }

  private arg(arg: Arg, dot: unknown, variables: Variables): unknown {
    switch (arg.type) {
      case 'dot':
        return dot;
      case 'value':
        return arg.value;
      case 'field':
        return this.fields(dot, arg.fields, arg);
      case 'variable': {
        const found = variables.findLast(([name]) => name === arg.name);
        if (!found) this.fail(`undefined variable: ${arg.name}`, arg);
        return this.fields(found?.[1], arg.fields, arg);
      }
      case 'pipe':
        return this.fields(this.pipe(arg.pipe, dot, variables), arg.fields, arg);
      case 'function':
        return this.command({ args: [arg], at: arg.at, shown: arg.shown }, dot, variables, []);
    }
  }

  private fields(from: unknown, names: readonly string[], arg: Arg): unknown {
    let value = from;
    for (const name of names) {
      if (value === nothing || value === undefined) return nothing;
      if (value === null) this.fail(`nil pointer evaluating interface {}.${name}`, arg);
      if (!isRecord(value)) this.fail(`can't evaluate field ${name} in type interface {}`, arg);
      value = Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : nothing;
    }
    return value;
  }
}

const place = (source: string, at: number): { line: number; column: number } => {
  const before = source.slice(0, at);
  return { line: before.split('\n').length, column: at - (before.lastIndexOf('\n') + 1) };
};

/** Fills a template with data. */
export function goTemplate(source: string, data: unknown): TemplateResult {
  const run = new Run();
  let nodes: Node[];
  const message = (error: unknown, columns: boolean): string => {
    if (!(error instanceof TemplateError)) throw error;
    const { line, column } = place(source, error.at);
    return `template: output:${line}${columns ? `:${column}` : ''}: ${error.message}`;
  };
  try {
    nodes = parse(source);
  } catch (error) {
    return { ok: false, parsing: true, error: message(error, false), text: '', shown: '' };
  }
  try {
    run.nodes(nodes, data, [['$', data]]);
    return { ok: true, text: run.text };
  } catch (error) {
    return { ok: false, parsing: false, error: message(error, true), text: run.text, shown: show(data) };
  }
}
