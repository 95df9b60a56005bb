import { nextFloat } from '../../kernel/rng.ts';
import { strftime } from '../../text/strftime.ts';
import type { Expr } from './ast.ts';
import { AwkNotModelled } from './expr.ts';
import { formatAwk } from './format.ts';
import type { Interpreter } from './interp.ts';
import { AwkError } from './runtime.ts';
import { fromInput, toNumber, toText, type Value } from './value.ts';

/** Calls one of awk's own functions. */
export function callBuiltin(it: Interpreter, name: string, args: readonly Expr[]): Value {
  const { rt } = it;
  const num = (i: number) => (args[i] ? toNumber(it.eval(args[i] as Expr)) : 0);
  const str = (i: number) => (args[i] ? it.text(args[i] as Expr) : '');
  switch (name) {
    case 'length': {
      const [arg] = args;
      if (!arg) return [...rt.$0].length;
      if (arg.t === 'var' && rt.globals.get(arg.name) instanceof Map) return it.arrayOf(arg.name).size;
      return [...it.text(arg)].length;
    }
    case 'substr':
      return substr(str(0), num(1), args[2] ? num(2) : Number.POSITIVE_INFINITY);
    case 'index':
      return str(0).indexOf(str(1)) + 1;
    case 'tolower':
      return str(0).toLowerCase();
    case 'toupper':
      return str(0).toUpperCase();
    case 'int':
      return Math.trunc(num(0));
    case 'sqrt':
      return Math.sqrt(num(0));
    case 'exp':
      return Math.exp(num(0));
    case 'log':
      return Math.log(num(0));
    case 'sin':
      return Math.sin(num(0));
    case 'cos':
      return Math.cos(num(0));
    case 'atan2':
      return Math.atan2(num(0), num(1));
    case 'rand':
      return rt.random ? nextOf(rt.random) : nextFloat(rt.proc.world.rng);
    case 'srand': {
      const before = rt.random?.seed ?? 0;
      const seed = args[0] ? num(0) : rt.proc.world.epoch + Math.floor(rt.proc.world.now / 1e6);
      rt.random = { seed, state: Math.trunc(seed) >>> 0 };
      return before;
    }
    case 'sprintf': {
      const [format, ...rest] = args.map((a) => it.eval(a));
      return formatAwk(toText(format), rest);
    }
    case 'split':
      return split(it, args);
    case 'sub':
    case 'gsub':
      return substitute(it, args, name === 'gsub');
    case 'match': {
      const m = rt.regex(it.pattern(args[1] as Expr)).exec(str(0), 0);
      rt.globals.set('RSTART', m ? m.index + 1 : 0);
      rt.globals.set('RLENGTH', m ? m.end - m.index : -1);
      return m ? m.index + 1 : 0;
    }
    case 'close':
      return rt.close(str(0));
    case 'fflush':
      return 0;
    case 'systime':
      return rt.proc.world.epoch + Math.floor(rt.proc.world.now / 1e6);
    case 'strftime':
      return strftime(
        args[0] ? str(0) : '%c',
        args[1] ? num(1) : rt.proc.world.epoch + Math.floor(rt.proc.world.now / 1e6),
        0,
      );
    default:
      throw new AwkNotModelled(`${name}()`);
  }
}

/** A generator that the same seed starts at the same number; its numbers are not mawk's. */
function nextOf(random: { state: number }): number {
  random.state = (Math.imul(random.state, 1664525) + 1013904223) >>> 0;
  return random.state / 2 ** 32;
}

function substr(text: string, start: number, length: number): string {
  const chars = [...text];
  const from = Math.round(start);
  // mawk 1.3.4-20200120 counts a start before 1 into the length.
  const to =
    length === Number.POSITIVE_INFINITY ? chars.length + 1 : Math.round(from < 1 ? length - from + 1 : from + length);
  return chars.slice(Math.max(0, from - 1), Math.max(0, Math.min(chars.length, to - 1))).join('');
}

function split(it: Interpreter, args: readonly Expr[]): number {
  const [, target, separator] = args;
  if (target?.t !== 'var') throw new AwkError('split: second argument must be an array');
  const text = it.text(args[0] as Expr);
  const fs = separator ? it.pattern(separator) : it.rt.text('FS');
  const parts = it.rt.splitText(text, separator?.t === 'regex' && fs.length === 1 ? `[${fs}]` : fs);
  const array = it.arrayOf(target.name);
  array.clear();
  parts.forEach((p, i) => void array.set(String(i + 1), fromInput(p)));
  return parts.length;
}

function substitute(it: Interpreter, args: readonly Expr[], all: boolean): number {
  const [pattern, replacement, target = { t: 'field', index: { t: 'num', value: 0 } } as Expr] = args;
  if (!pattern || !replacement) throw new AwkError('sub: not enough arguments');
  const regex = it.rt.regex(it.pattern(pattern));
  const by = it.text(replacement);
  const text = it.text(target);
  let out = '';
  let at = 0;
  let count = 0;
  for (let from = 0; from <= text.length; ) {
    const m = regex.exec(text, from);
    if (!m) break;
    count++;
    out +=
      text.slice(at, m.index) + by.replace(/\\\\|\\&|&/g, (x) => (x === '&' ? text.slice(m.index, m.end) : x.slice(1)));
    at = m.end;
    if (!all) break;
    if (m.end === m.index) {
      out += text.slice(m.end, m.end + 1);
      at = m.end + 1;
      from = m.end + 1;
    } else {
      from = m.end;
      // No empty match right after a match.
      const empty = from <= text.length ? regex.exec(text, from) : null;
      if (empty && empty.index === from && empty.end === from && from < text.length) {
        out += text.slice(from, from + 1);
        at = from + 1;
        from++;
      } else if (from === text.length) break;
    }
  }
  if (count > 0) it.assign(target, out + text.slice(at));
  return count;
}
