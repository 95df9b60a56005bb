import { expect, test } from 'vitest';
import type { Completion } from '#worker/protocol.ts';
import { decodeKeys } from './keys.ts';
import { PlainLog } from './plain-log.ts';
import { TerminalModel } from './terminal-model.ts';

function setUp(completion: Completion = { from: 0, candidates: [] }) {
  const calls: string[] = [];
  const model = new TerminalModel(1, 'node', {
    type: (line) => calls.push(`type ${line}`),
    interrupt: () => calls.push('interrupt'),
    eof: () => calls.push('eof'),
    complete: async () => completion,
    reopen: () => calls.push('reopen'),
  });
  const keys = (data: string): void => {
    for (const key of decodeKeys(data)) model.key(key);
  };
  return { model, calls, keys };
}

test('a line is echoed behind its prompt, sent, and remembered', () => {
  const { model, calls, keys } = setUp();
  model.showPrompt('$ ');
  keys('ip link\r');
  expect(model.log).toBe('$ ip link\n');
  expect(calls).toEqual(['type ip link']);
  void model.write('1: lo\n');
  model.showPrompt('$ ');
  expect(model.tail).toBe('$ ');
  keys('\x1b[A');
  expect(model.editor.text).toBe('ip link');
});

test('pasted lines wait for their prompt', () => {
  const { model, calls, keys } = setUp();
  model.showPrompt('$ ');
  keys('\x1b[200~a\nb\nc\x1b[201~');
  expect(calls).toEqual(['type a']);
  model.showPrompt('$ ');
  expect(calls).toEqual(['type a', 'type b']);
  expect(model.editor.text).toBe('c');
  expect(model.log).toBe('$ a\n$ b\n');
});

test('a pasted here-document feeds the program that reads', () => {
  const { model, calls, keys } = setUp();
  model.showPrompt('$ ');
  keys('\x1b[200~cat\none\ntwo\n\x1b[201~');
  model.setState('reading');
  model.setState('reading');
  expect(calls).toEqual(['type cat', 'type one', 'type two']);
  expect(model.history).toEqual(['cat']);
});

test('^C forgets the line and what was pasted', () => {
  const { model, calls, keys } = setUp();
  model.showPrompt('$ ');
  keys('\x1b[200~a\nb\n\x1b[201~abc\x03');
  model.showPrompt('$ ');
  expect(calls).toEqual(['type a', 'interrupt']);
  expect(model.log).toBe('$ a\nabc^C\n$ ');
});

test('candidates are listed below the line', async () => {
  const { model, keys } = setUp({ from: 0, candidates: ['ip', 'ipset'] });
  model.showPrompt('$ ');
  keys('ip');
  await model.complete();
  expect(model.log).toBe('$ ip\nip     ipset\n$ ');
  expect(model.editor.text).toBe('ip');
});

test('a closed terminal opens again at Enter', () => {
  const { model, calls, keys } = setUp();
  model.setState('closed');
  keys('x\r');
  expect(calls).toEqual(['reopen']);
});

test('the plain log has no control sequences, and begins anew when the screen is cleared', () => {
  const { model } = setUp();
  const queue: (() => void)[] = [];
  const log = new PlainLog(
    model,
    () => {},
    () => {},
    (fn) => queue.push(fn),
  );
  void model.write('\x1b[31mred\x1b[0m\r\n');
  void model.write('two\n');
  queue.shift()?.();
  expect(log.blocks.map((b) => b.text)).toEqual(['red\ntwo\n']);
  void model.write('gone\x1b[H\x1b[2J\x1b[3Jkept');
  queue.shift()?.();
  expect(log.blocks.map((b) => b.text)).toEqual(['kept']);
  expect(model.tail).toBe('kept');
});
