import { packetBytes } from '../../../packet/bytes.ts';
import { defineMatch, fail } from '../ext.ts';
import { scanUint } from '../values.ts';

type Operator = '&' | '<<' | '>>' | '@';

interface Test {
  location: { op: Operator | ''; number: number }[];
  values: { min: number; max: number }[];
}

interface U32Args {
  tests: Test[];
  not: boolean;
}

/** XT_U32_MAXSIZE: tests, operators of one, values of one. */
const MAX = 10;

class Reader {
  at = 0;

  constructor(private readonly text: string) {}

  get char(): string {
    return this.text[this.at] ?? '';
  }

  skip(): void {
    while (/^\s/.test(this.char)) this.at++;
  }

  bad(words: string): never {
    fail(`u32: at char ${this.at}: ${words}`);
  }

  /** A doubled sign, its first already seen. */
  twice(sign: string): void {
    this.at++;
    if (this.char !== sign) this.bad(`a second '${sign}' was expected`);
    this.at++;
  }

  number(): number {
    const rest = this.text.slice(this.at);
    const read = scanUint(rest);
    if (!read || read.value > 0xffffffff) this.bad('not a number or out of range');
    this.at += rest.length - read.rest.length;
    return read.value;
  }
}

function parseTests(text: string): Test[] {
  const r = new Reader(text);
  const tests: Test[] = [];
  let test: Test = { location: [], values: [] };
  let inValues = false;
  for (;;) {
    r.skip();
    if (r.char === '') {
      if (!inValues) fail('u32: abrupt end of input after location specifier');
      if (test.values.length === 0) fail('u32: test ended with no value specified');
      tests.push(test);
      if (tests.length > MAX) r.bad('too many "&&"s');
      return tests;
    }
    if (!inValues) {
      if (r.char === '=') {
        if (test.location.length === 0) r.bad('location spec missing');
        r.at++;
        inValues = true;
        continue;
      }
      let op: Operator | '' = '';
      if (test.location.length > 0) {
        if (r.char === '&' || r.char === '@') {
          op = r.char;
          r.at++;
        } else if (r.char === '<' || r.char === '>') {
          op = r.char === '<' ? '<<' : '>>';
          r.twice(r.char);
        } else r.bad('operator expected');
        r.skip();
      }
      test.location.push({ op, number: r.number() });
      if (test.location.length > MAX) r.bad('too many operators');
    } else if (r.char === '&') {
      r.twice('&');
      if (test.values.length === 0) {
        r.at--;
        r.bad('value spec missing');
      }
      tests.push(test);
      if (tests.length > MAX) r.bad('too many "&&"s');
      test = { location: [], values: [] };
      inValues = false;
    } else {
      if (test.values.length > 0) {
        if (r.char !== ',') r.bad('expected "," or "&&"');
        r.at++;
        r.skip();
      }
      const min = r.number();
      r.skip();
      let max = min;
      if (r.char === ':') {
        r.at++;
        r.skip();
        max = r.number();
      }
      test.values.push({ min, max });
      if (test.values.length > MAX) r.bad('too many ","s');
    }
  }
}

const x = (n: number): string => `0x${n.toString(16)}`;
const dump = (tests: readonly Test[]): string =>
  `"${tests
    .map(
      ({ location, values }) =>
        `${location.map(({ op, number }) => op + x(number)).join('')}=${values
          .map(({ min, max }) => (min === max ? x(min) : `${x(min)}:${x(max)}`))
          .join(',')}`,
    )
    .join('&&')}"`;

/** 32 bits at an offset, or null behind the packet's end. */
function word(bytes: string, at: number): number | null {
  if (at < 0 || at + 4 > bytes.length) return null;
  let value = 0;
  for (let i = 0; i < 4; i++) value = value * 256 + bytes.charCodeAt(at + i);
  return value;
}

function testHolds({ location, values }: Test, bytes: string): boolean {
  let base = 0;
  let value: number | null = word(bytes, location[0]?.number ?? 0);
  for (const { op, number } of location.slice(1)) {
    if (value === null) return false;
    if (op === '&') value = (value & number) >>> 0;
    else if (op === '<<') value = number > 31 ? 0 : (value << number) >>> 0;
    else if (op === '>>') value = number > 31 ? 0 : value >>> number;
    else {
      base += value;
      value = word(bytes, base + number);
    }
  }
  return value !== null && values.some(({ min, max }) => (value as number) >= min && (value as number) <= max);
}

/** Arithmetic over the packet's bytes: xt_u32.c. */
export const u32 = defineMatch<U32Args>({
  name: 'u32',
  options: [{ name: 'u32', arg: true, must: true, invert: true }],
  init: () => ({ tests: [], not: false }),
  option(args, _id, value, not) {
    args.tests = parseTests(value);
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --u32 ${dump(args.tests)}`,
  list: (args) => `u32${args.not ? ' !' : ''} ${dump(args.tests)}`,
  apply(args, { packet }) {
    const bytes = packetBytes(packet, false);
    return args.tests.every((t) => testHolds(t, bytes)) !== args.not;
  },
});
