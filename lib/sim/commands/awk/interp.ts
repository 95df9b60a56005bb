/** Runs awk programs over a {@link Runtime}. Synchronous: what it prints is taken from the runtime afterwards. */
import type { AwkProgram, Expr, Stmt } from './ast.ts';
import { callBuiltin } from './builtins.ts';
import { formatAwk } from './format.ts';
import { type AwkArray, AwkError, type Runtime } from './runtime.ts';
import { compare, fromInput, toNumber, toText, truth, type Value } from './value.ts';

/** Steps a whole run may take. */
const MAX_STEPS = 4_000_000;
/** Steps that count as one system call of the machine's bounds. */
const STEPS_A_CALL = 500;
const MAX_CALLS = 300;

export type Signal = 'next' | 'nextfile' | 'break' | 'continue' | 'exit' | 'return' | null;

export class Interpreter {
  exitStatus = 0;
  private steps = 0;
  private returned: Value;
  private frames: Map<string, Value | AwkArray>[] = [];
  private readonly active = new Set<number>();

  constructor(
    readonly program: AwkProgram,
    readonly rt: Runtime,
  ) {}

  /** Runs the BEGIN or END rules. */
  runSpecial(kind: 'BEGIN' | 'END'): Signal {
    for (const rule of this.program.rules) {
      if (rule.kind !== kind || !rule.body) continue;
      const signal = this.exec(rule.body);
      if (signal === 'exit') return 'exit';
    }
    return null;
  }

  /** Runs the rules on the current record. */
  runRecord(): Signal {
    for (let i = 0; i < this.program.rules.length; i++) {
      const rule = this.program.rules[i] as AwkProgram['rules'][number];
      if (rule.kind !== 'main' || !this.selects(i)) continue;
      if (!rule.body) {
        this.rt.write(this.rt.$0 + this.rt.text('ORS'), null, false);
        continue;
      }
      const signal = this.exec(rule.body);
      if (signal === 'next' || signal === 'nextfile' || signal === 'exit') return signal;
    }
    return null;
  }

  private selects(i: number): boolean {
    const { pattern, until } = this.program.rules[i] as AwkProgram['rules'][number];
    if (!pattern) return true;
    if (!until) return truth(this.eval(pattern));
    if (!this.active.has(i)) {
      if (!truth(this.eval(pattern))) return false;
      this.active.add(i);
    }
    if (truth(this.eval(until))) this.active.delete(i);
    return true;
  }

  private tick(): void {
    if (++this.steps % STEPS_A_CALL === 0) this.rt.proc.machine.steps++;
    if (this.steps > MAX_STEPS) throw new AwkError('program exceeded its step limit');
  }

  private exec(s: Stmt): Signal {
    this.tick();
    switch (s.t) {
      case 'block':
        for (const inner of s.body) {
          const signal = this.exec(inner);
          if (signal) return signal;
        }
        return null;
      case 'expr':
        this.eval(s.e);
        return null;
      case 'print':
      case 'printf':
        this.print(s);
        return null;
      case 'if':
        return truth(this.eval(s.test)) ? this.exec(s.yes) : s.no ? this.exec(s.no) : null;
      case 'while':
        while (truth(this.eval(s.test))) {
          const signal = this.exec(s.body);
          if (signal === 'break') break;
          if (signal && signal !== 'continue') return signal;
        }
        return null;
      case 'do':
        do {
          const signal = this.exec(s.body);
          if (signal === 'break') break;
          if (signal && signal !== 'continue') return signal;
        } while (truth(this.eval(s.test)));
        return null;
      case 'for':
        return this.execFor(s);
      case 'forin':
        for (const key of [...this.arrayOf(s.array).keys()]) {
          this.assign({ t: 'var', name: s.name }, fromInput(key));
          const signal = this.exec(s.body);
          if (signal === 'break') break;
          if (signal && signal !== 'continue') return signal;
        }
        return null;
      case 'exit':
        if (s.value) this.exitStatus = toNumber(this.eval(s.value)) & 255;
        return 'exit';
      case 'return':
        this.returned = s.value ? this.eval(s.value) : undefined;
        return 'return';
      case 'delete':
        if (s.keys) this.arrayOf(s.name).delete(this.key(s.keys));
        else this.arrayOf(s.name).clear();
        return null;
      default:
        return s.t;
    }
  }

  private execFor(s: Stmt & { t: 'for' }): Signal {
    if (s.init) this.exec(s.init);
    while (!s.test || truth(this.eval(s.test))) {
      const signal = this.exec(s.body);
      if (signal === 'break') break;
      if (signal && signal !== 'continue') return signal;
      if (s.step) this.exec(s.step);
    }
    return null;
  }

  private print(s: Stmt & { t: 'print' | 'printf' }): void {
    const { rt } = this;
    let text: string;
    if (s.t === 'printf') {
      const [format, ...args] = s.args.map((a) => this.eval(a));
      text = formatAwk(toText(format), args);
    } else if (s.args.length === 0) text = rt.$0 + rt.text('ORS');
    else text = s.args.map((a) => toText(this.eval(a), rt.text('OFMT'))).join(rt.text('OFS')) + rt.text('ORS');
    rt.write(text, s.to ? this.text(s.to.file) : null, s.to?.append ?? false);
  }

  text(e: Expr): string {
    return toText(this.eval(e), this.rt.text('CONVFMT'));
  }

  key(keys: readonly Expr[]): string {
    return keys.map((k) => this.text(k)).join(this.rt.text('SUBSEP'));
  }

  /** The array of a name: a parameter's, or a global one. */
  arrayOf(name: string): AwkArray {
    const frame = this.frames[this.frames.length - 1];
    if (!frame?.has(name)) return this.rt.array(name);
    const v = frame.get(name);
    if (v instanceof Map) return v;
    if (v !== undefined) throw new AwkError(`type error in array reference: ${name}`);
    const made: AwkArray = new Map();
    frame.set(name, made);
    return made;
  }

  private variable(name: string): Value | AwkArray {
    const frame = this.frames[this.frames.length - 1];
    if (frame?.has(name)) return frame.get(name);
    if (name === 'NF') return this.rt.nf();
    return this.rt.globals.get(name);
  }

  assign(target: Expr, value: Value): Value {
    if (target.t === 'group') return this.assign(target.e, value);
    if (target.t === 'field') this.rt.setField(Math.trunc(toNumber(this.eval(target.index))), value);
    else if (target.t === 'index') {
      const array = this.arrayOf(target.name);
      if (array.size > 200_000) throw new AwkError('array too large');
      array.set(this.key(target.keys), value);
    } else if (target.t === 'var') {
      const frame = this.frames[this.frames.length - 1];
      if (frame?.has(target.name)) frame.set(target.name, value);
      else if (target.name === 'NF') this.rt.setNf(Math.trunc(toNumber(value)));
      else if (this.rt.globals.get(target.name) instanceof Map)
        throw new AwkError(`cannot use array ${target.name} as a scalar`);
      else this.rt.globals.set(target.name, value);
    }
    return value;
  }

  eval(e: Expr): Value {
    this.tick();
    switch (e.t) {
      case 'num':
      case 'str':
        return e.value;
      case 'group':
        return this.eval(e.e);
      case 'regex':
        return this.rt.regex(e.source).test(this.rt.$0) ? 1 : 0;
      case 'var': {
        const v = this.variable(e.name);
        if (v instanceof Map) throw new AwkError(`cannot use array ${e.name} as a scalar`);
        return v;
      }
      case 'field':
        return this.rt.field(Math.trunc(toNumber(this.eval(e.index))));
      case 'index': {
        const array = this.arrayOf(e.name);
        const key = this.key(e.keys);
        if (!array.has(key)) array.set(key, undefined);
        return array.get(key);
      }
      case 'in':
        return this.arrayOf(e.name).has(this.key(e.keys)) ? 1 : 0;
      case 'assign': {
        const value =
          e.op === ''
            ? this.eval(e.value)
            : arithmetic(e.op, toNumber(this.eval(e.target)), toNumber(this.eval(e.value)));
        return this.assign(e.target, value);
      }
      case 'cond':
        return this.eval(truth(this.eval(e.test)) ? e.yes : e.no);
      case 'and':
        return truth(this.eval(e.a)) && truth(this.eval(e.b)) ? 1 : 0;
      case 'or':
        return truth(this.eval(e.a)) || truth(this.eval(e.b)) ? 1 : 0;
      case 'match': {
        const regex = this.rt.regex(this.pattern(e.b));
        return regex.test(this.text(e.a)) !== e.negated ? 1 : 0;
      }
      case 'unary': {
        const v = this.eval(e.e);
        return e.op === '!' ? (truth(v) ? 0 : 1) : e.op === '-' ? -toNumber(v) : toNumber(v);
      }
      case 'step': {
        const old = toNumber(this.eval(e.target));
        this.assign(e.target, old + e.by);
        return e.prefix ? old + e.by : old;
      }
      case 'binary':
        return this.binary(e);
      case 'builtin':
        return callBuiltin(this, e.name, e.args);
      case 'call':
        return this.call(e.name, e.args);
      case 'getline':
        return this.getline(e);
    }
  }

  /** The source of a regular expression operand. */
  pattern(e: Expr): string {
    return e.t === 'regex' ? e.source : e.t === 'group' && e.e.t === 'regex' ? e.e.source : this.text(e);
  }

  private binary(e: Expr & { t: 'binary' }): Value {
    const a = this.eval(e.a);
    const b = this.eval(e.b);
    if (e.op === ' ') {
      const format = this.rt.text('CONVFMT');
      const joined = toText(a, format) + toText(b, format);
      if (joined.length > 4_000_000) throw new AwkError('string too large');
      return joined;
    }
    const order = () => compare(a, b);
    switch (e.op) {
      case '<':
        return order() < 0 ? 1 : 0;
      case '<=':
        return order() <= 0 ? 1 : 0;
      case '==':
        return order() === 0 ? 1 : 0;
      case '!=':
        return order() !== 0 ? 1 : 0;
      case '>':
        return order() > 0 ? 1 : 0;
      case '>=':
        return order() >= 0 ? 1 : 0;
      default:
        return arithmetic(e.op, toNumber(a), toNumber(b));
    }
  }

  private call(name: string, args: readonly Expr[]): Value {
    const fn = this.program.functions.get(name);
    if (!fn) throw new AwkError(`function ${name} never defined`);
    if (this.frames.length >= MAX_CALLS) throw new AwkError('function call nesting too deep');
    const frame = new Map<string, Value | AwkArray>();
    const late: [string, string][] = [];
    fn.params.forEach((param, i) => {
      const arg = args[i];
      if (!arg) frame.set(param, undefined);
      else if (arg.t === 'var') {
        const v = this.variable(arg.name);
        frame.set(param, v);
        if (v === undefined) late.push([param, arg.name]);
      } else frame.set(param, this.eval(arg));
    });
    this.frames.push(frame);
    this.returned = undefined;
    this.exec(fn.body);
    this.frames.pop();
    // An untouched variable that the function used as an array becomes that array.
    for (const [param, outer] of late) {
      const v = frame.get(param);
      if (v instanceof Map)
        (this.frames[this.frames.length - 1]?.has(outer)
          ? (this.frames[this.frames.length - 1] as Map<string, Value | AwkArray>)
          : this.rt.globals
        ).set(outer, v);
    }
    const value = this.returned;
    this.returned = undefined;
    return value;
  }

  private getline(e: Expr & { t: 'getline' }): Value {
    const { rt } = this;
    const line = e.file ? rt.lineOf(this.text(e.file)) : (rt.queue?.shift() ?? null);
    if (line === undefined) return -1;
    if (line === null) return 0;
    if (e.target) this.assign(e.target, fromInput(line));
    else rt.setRecord(line);
    if (!e.file) {
      rt.count('NR');
      rt.count('FNR');
    }
    return 1;
  }
}

function arithmetic(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return a ** b;
  }
}
