import { expect, test } from 'vitest';
import { applyCompletion, inColumns } from './completion.ts';
import { draw, erase } from './edit-drawing.ts';
import { decodeKeys } from './keys.ts';
import { type Editor, type Effect, emptyEditor, type Mode, press } from './line-editor.ts';
import { searchPrompt } from './line-search.ts';
import { place, textWidth } from './width.ts';

const HISTORY = ['ip link', 'ping -c 1 10.244.2.5', 'ip route show'];

function type(
  input: string,
  start: Partial<Editor> = {},
  mode: Mode = 'shell',
): { editor: Editor; effects: Effect[]; line: string } {
  let editor: Editor = { ...emptyEditor, ...start };
  const effects: Effect[] = [];
  for (const key of decodeKeys(input)) {
    const result = press(editor, key, HISTORY, mode);
    editor = result.editor;
    if (result.effect.kind !== 'none') effects.push(result.effect);
  }
  return { editor, effects, line: `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}` };
}

test.each([
  ['abc\x1b[D\x1b[DX', 'aX|bc'],
  ['abc\x01X\x05Y', 'XabcY|'],
  ['ip addr show\x1bb\x1bb\x0b', 'ip |'],
  ['ip addr show\x01\x1bf\x1bd', 'ip| show'],
  ['ip a dev eth0\x17\x17', 'ip a |'],
  ['one two\x15\x19\x19', 'one twoone two|'],
  ['abc\x7f\x7f\x1b[H\x1b[3~', '|'],
  ['ab\x14', 'ba|'],
  ['網路\x1b[D\x7f', '|路'],
  ['e\u0301x\x7f\x7f', '|'],
  ['a\x1b[1;5Db', 'b|a'],
  ['x\x1b[99~y', 'xy|'],
])('editing %j', (input, line) => expect(type(input).line).toBe(line));

test('history keeps the line that was being typed', () => {
  expect(type('dra\x1b[A').line).toBe('ip route show|');
  expect(type('dra\x1b[A\x1b[A\x1b[B\x1b[B').line).toBe('dra|');
  expect(type('\x1b[A\x1b[A\x1b[A\x1b[A')).toMatchObject({ line: 'ip link|', effects: [{ kind: 'bell' }] });
  expect(type('\x1b[A', {}, 'cooked').line).toBe('|');
});

test('reverse search finds, steps on, fails, and gives the line back', () => {
  expect(type('\x12ip').line).toBe('|ip route show');
  expect(type('\x12ip\x12').line).toBe('|ip link');
  const failed = type('\x12pingx').editor;
  expect(searchPrompt(failed.search!)).toBe("(failed reverse-i-search)`pingx': ");
  expect(type('dra\x12ping\x07').line).toBe('dra|');
  expect(type('\x12ping\r').effects).toEqual([{ kind: 'submit', lines: ['ping -c 1 10.244.2.5'] }]);
  expect(type('\x12ping\x05 ').line).toBe('ping -c 1 10.244.2.5 |');
});

test('the last argument of earlier commands', () => {
  expect(type('cat \x1b.').line).toBe('cat show|');
  expect(type('cat \x1b.\x1b.').line).toBe('cat 10.244.2.5|');
});

test('pasted lines are submitted, the last one stays', () => {
  expect(type('a\x1b[200~1\r\nb\x1b[Ac\nd\x1b[201~')).toMatchObject({
    line: 'd|',
    effects: [{ kind: 'submit', lines: ['a1', 'b[Ac'] }],
  });
  expect(type('\x1b[200~one line\x1b[201~').line).toBe('one line|');
});

test('signals, and what a program that reads lines gets', () => {
  expect(type('abc\x03')).toMatchObject({ line: '|', effects: [{ kind: 'interrupt' }] });
  expect(type('\x04').effects).toEqual([{ kind: 'eof' }]);
  expect(type('ab\x01\x04').line).toBe('|b');
  expect(type('a\tb', {}, 'cooked').line).toBe('a\tb|');
  expect(type('ab\x04', {}, 'cooked').effects).toEqual([{ kind: 'bell' }]);
  expect(type('\t').effects).toEqual([{ kind: 'complete' }]);
});

test('completion puts in one candidate, the common part of several, or lists them', () => {
  expect(applyCompletion('ip ro', 5, 3, ['route'])).toEqual({ text: 'ip route ', cursor: 9, list: [] });
  expect(applyCompletion('cat /et x', 7, 4, ['/etc/'])).toEqual({ text: 'cat /etc/ x', cursor: 9, list: [] });
  expect(applyCompletion('ip', 2, 0, ['iptables', 'iptables-save'])).toEqual({ text: 'iptables', cursor: 8, list: [] });
  expect(applyCompletion('ip', 2, 0, ['ip', 'ipset'])).toEqual({ text: 'ip', cursor: 2, list: ['ip', 'ipset'] });
  expect(applyCompletion('zz', 2, 0, [])).toBeNull();
});

test('candidates stand in columns', () => {
  expect(inColumns(['aa', 'bbb', 'c', 'dddd', 'e'], 14, String)).toBe('aa    dddd\nbbb   e\nc\n');
  expect(inColumns(['/etc/cni/', '/etc/hosts'], 80, String)).toBe('cni/   hosts\n');
});

test('wide characters take two cells and wrap whole', () => {
  expect(textWidth('a網b')).toBe(4);
  expect(place('abc網', 4)).toEqual({ row: 1, col: 2 });
});

test('a drawn line ends with the cursor where it belongs', () => {
  expect(draw({ tail: '$ ', text: 'abc', cursor: 1 }, 80)).toEqual({ output: 'abc\r\x1b[3C', drawing: { row: 0 } });
  expect(draw({ tail: '$ ', text: 'abcdef', cursor: 6 }, 4)).toEqual({ output: 'abcdef \r\r', drawing: { row: 2 } });
  expect(draw({ tail: '$ ', text: 'abcdef', cursor: 2 }, 4)).toEqual({
    output: 'abcdef \r\x1b[1A\r',
    drawing: { row: 1 },
  });
  expect(erase({ row: 2 })).toBe('\x1b[2A\r\x1b[J');
});
