import { expect, it } from 'vitest';
import { goSort } from './go-sort.ts';
import { goFloat, goSyntax, goText } from './go-value.ts';
import { goTemplate } from './gotemplate/index.ts';
import { jsonPath } from './jsonpath/index.ts';

it('sorts lists of every shape', () => {
  for (let n = 0; n < 400; n += 7)
    for (const shape of [
      (i: number) => i,
      (i: number) => n - i,
      (i: number) => (i * 7919) % 101,
      (i: number) => i % 3,
      () => 1,
    ]) {
      const data = Array.from({ length: n }, (_, i) => shape(i));
      const want = [...data].sort((a, b) => a - b);
      goSort(data, (a, b) => a < b);
      expect(data).toEqual(want);
    }
});

it('keeps the order of equal elements only where lists are short', () => {
  const data = Array.from({ length: 12 }, (_, i) => ({ key: i % 2, i }));
  goSort(data, (a, b) => a.key < b.key);
  expect(data.map((d) => d.i)).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
});

it('prints values as fmt does', () => {
  expect([2, 1e6, 1234567, 123456, 0.5, 1e-5, 0].map(goFloat)).toEqual([
    '2',
    '1e+06',
    '1.234567e+06',
    '123456',
    '0.5',
    '1e-05',
    '0',
  ]);
  expect(goText({ b: [1, 'x'], a: null })).toBe('map[a:<nil> b:[1 x]]');
  expect(goSyntax({ b: [1, 'x'], a: null })).toBe(
    'map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, "x"}}',
  );
});

const data = {
  items: [
    { n: 'a', v: 1 },
    { n: 'b', v: 2 },
  ],
  kind: 'List',
  deep: { 'x.y/z': 'q' },
};
const filled = (template: string): string => {
  const result = goTemplate(template, data);
  return result.ok ? result.text : `${result.parsing ? 'parse' : 'run'}: ${result.error}`;
};

it.each([
  ['{{range .items}}{{.n}}{{else}}none{{end}}', 'ab'],
  ['{{range .nope}}{{.n}}{{else}}none{{end}}', 'none'],
  ['a {{- " b " -}} c', 'a b c'],
  ['{{/* nothing */}}x', 'x'],
  ['{{$k := .kind}}{{with .items}}{{len .}}{{$k}}{{end}}', '2List'],
  ['{{if and .kind (gt (len .items) 1)}}many{{else if .kind}}one{{end}}', 'many'],
  ['{{(index .items 1).n}}{{index .deep "x.y/z"}}', 'bq'],
  ['{{range .items}}{{if eq .n "b"}}{{break}}{{end}}{{.n}}{{end}}', 'a'],
  ['{{printf "%-4s|%q|%d|%v" "x" "y" 3 .kind}}', 'x   |"y"|3|List'],
  ['{{printf "%d" (index .items 0).v}}', '%!d(float64=1)'],
  ['{{println "a" 1}}', 'a 1\n'],
  ['{{"YWI=" | base64decode}}', 'ab'],
  ['{{not true}} {{exists .deep "x.y/z"}} {{exists .deep "b"}}', 'false true false'],
  ['{{.kind', 'parse: template: output:1: unclosed action'],
  ['{{nope}}', 'parse: template: output:1: function "nope" not defined'],
  [
    '\n{{.kind.x}}',
    'run: template: output:2:7: executing "output" at <.kind.x>: can\'t evaluate field x in type interface {}',
  ],
])('fills %s', (template, text) => {
  expect(filled(template)).toBe(text);
});

it.each([
  ['{.items[*].n}', 'a b'],
  ['{.items[?(@.v>1)].n}', 'b'],
  ['{.items[?(@.nope)].n}', ''],
  ['{range .items[*]}{.n}={.v}{"\\t"}{end}', 'a=1\tb=2\t'],
  ["{.items[*]['n','v']}", 'a b 1 2'],
  ["{.deep['x\\.y/z']}", 'q'],
  ['{.items[-1:].n} {.items[0:2:2].n}', 'b a'],
  ['{.kind.nope}', ''],
  ['{.items[7]}', 'array index out of bounds: index 7, length 2'],
  ['{.items[?(@.v=="1")].n}', 'incompatible types for comparison'],
  ['{.a', 'unclosed action'],
])('finds %s', (template, text) => {
  const result = jsonPath(template, data);
  expect(result.ok ? result.text : result.error).toBe(text);
});
