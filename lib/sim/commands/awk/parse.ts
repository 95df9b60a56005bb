/** awk's grammar (POSIX): rules, functions, statements. */
import type { AwkProgram, Expr, Rule, Stmt } from './ast.ts';
import { AwkNotModelled, ExpressionParser, MAX_DEPTH } from './expr.ts';
import { AwkSyntaxError, tokenize } from './lex.ts';

/** Parses a program. Throws {@link AwkSyntaxError}, {@link AwkNotModelled}. */
export function parseAwk(source: string): AwkProgram {
  return new Parser(tokenize(source)).program();
}

class Parser extends ExpressionParser {
  program(): AwkProgram {
    const program: AwkProgram = { rules: [], functions: new Map(), getline: false };
    this.skipTerminators();
    while (this.token.kind !== 'end') {
      if (this.is('function')) this.functionDefinition(program);
      else program.rules.push(this.rule());
      this.skipTerminators();
    }
    program.getline = this.usesGetline;
    return program;
  }

  private functionDefinition(program: AwkProgram): void {
    this.at++;
    const name = this.name();
    this.expect('(');
    const params: string[] = [];
    while (!this.is(')')) {
      params.push(this.name());
      if (!this.take(',')) break;
      this.skipNewlines();
    }
    this.expect(')');
    this.skipNewlines();
    program.functions.set(name, { params, body: this.block() });
  }

  private rule(): Rule {
    if (this.is('BEGIN') || this.is('END')) {
      const kind = this.token.text as 'BEGIN' | 'END';
      this.at++;
      if (!this.is('{')) this.fail();
      return { kind, pattern: null, until: null, body: this.block() };
    }
    const rule: Rule = { kind: 'main', pattern: null, until: null, body: null };
    if (!this.is('{')) {
      rule.pattern = this.expr();
      if (this.take(',')) {
        this.skipNewlines();
        rule.until = this.expr();
      }
    }
    if (this.is('{')) rule.body = this.block();
    return rule;
  }

  private block(): Stmt {
    this.expect('{');
    const body: Stmt[] = [];
    this.skipTerminators();
    while (!this.is('}')) {
      if (this.token.kind === 'end') throw new AwkSyntaxError('', this.token.line, 'missing } near end of file');
      body.push(this.statement());
      this.skipTerminators();
    }
    this.at++;
    return { t: 'block', body };
  }

  private statement(): Stmt {
    if (++this.depth > MAX_DEPTH) this.fail();
    try {
      return this.statementInner();
    } finally {
      this.depth--;
    }
  }

  private body(): Stmt {
    this.skipNewlines();
    if (this.take(';')) return { t: 'block', body: [] };
    return this.statement();
  }

  private endSimple(): void {
    if (this.take(';') || this.is('}')) return;
    if (this.token.kind === 'newline') this.at++;
    else if (this.token.kind !== 'end') this.fail();
  }

  private statementInner(): Stmt {
    if (this.is('{')) return this.block();
    if (this.take('if')) {
      const test = this.parenthesised();
      const yes = this.body();
      const mark = this.at;
      this.skipTerminators();
      if (this.take('else')) return { t: 'if', test, yes, no: this.body() };
      this.at = mark;
      return { t: 'if', test, yes, no: null };
    }
    if (this.take('while')) return { t: 'while', test: this.parenthesised(), body: this.body() };
    if (this.take('do')) {
      const body = this.body();
      this.skipTerminators();
      this.expect('while');
      const test = this.parenthesised();
      this.endSimple();
      return { t: 'do', test, body };
    }
    if (this.take('for')) return this.forStatement();
    const simple = this.simple();
    this.endSimple();
    return simple;
  }

  private parenthesised(): Expr {
    this.expect('(');
    const e = this.expr();
    this.expect(')');
    return e;
  }

  private forStatement(): Stmt {
    this.expect('(');
    const [name, inWord, array, close] = this.tokens.slice(this.at, this.at + 4);
    if (
      name?.kind === 'name' &&
      inWord?.text === 'in' &&
      inWord.kind === 'keyword' &&
      array?.kind === 'name' &&
      close?.text === ')'
    ) {
      this.at += 4;
      return { t: 'forin', name: name.text, array: array.text, body: this.body() };
    }
    const init = this.is(';') ? null : this.simple();
    this.expect(';');
    this.skipNewlines();
    const test = this.is(';') ? null : this.expr();
    this.expect(';');
    this.skipNewlines();
    const step = this.is(')') ? null : this.simple();
    this.expect(')');
    return { t: 'for', init, test, step, body: this.body() };
  }

  private simple(): Stmt {
    for (const word of ['next', 'nextfile', 'break', 'continue'] as const) if (this.take(word)) return { t: word };
    for (const word of ['exit', 'return'] as const) {
      if (this.take(word)) return { t: word, value: this.atEnd() ? null : this.expr() };
    }
    if (this.take('delete')) {
      const name = this.name();
      if (!this.take('[')) return { t: 'delete', name, keys: null };
      const keys = this.list(']');
      this.expect(']');
      return { t: 'delete', name, keys };
    }
    if (this.is('print') || this.is('printf')) return this.print();
    return { t: 'expr', e: this.expr() };
  }

  private atEnd(): boolean {
    return this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}');
  }

  private print(): Stmt {
    const t = this.token.text as 'print' | 'printf';
    this.at++;
    let args: Expr[] = [];
    this.noGreater++;
    const mark = this.at;
    if (this.take('(')) {
      // `print (a, b) > f`: a list in parentheses, unless an operator goes on after it.
      const saved = this.noGreater;
      this.noGreater = 0;
      args = this.list(')');
      this.noGreater = saved;
      this.expect(')');
      if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) {
        this.at = mark;
        args = this.list('');
      }
    } else if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) args = this.list('');
    this.noGreater--;
    if (this.is('|')) throw new AwkNotModelled(`${t} | "command"`);
    const append = this.is('>>');
    if (!append && !this.is('>')) return { t, args, to: null };
    this.at++;
    return { t, args, to: { append, file: this.concat() } };
  }
}
