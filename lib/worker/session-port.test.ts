import { expect, test } from 'vitest';
import * as engine from '#sim/index.ts';
import { SessionClient } from './client.ts';
import { inThreadPort, ManualClock } from './in-thread.ts';
import { Pacing } from './pacing.ts';
import { parseRequest } from './protocol.ts';

async function setUp(transcript?: engine.Transcript) {
  const clock = new ManualClock();
  const client = new SessionClient(inThreadPort(engine, clock));
  const screens = new Map<number, string>();
  const states = new Map<number, string>();
  const gate: { hold: Promise<void> | null } = { hold: null };
  client.listen((event) => {
    if (event.t === 'cleared') screens.clear();
    if (event.t === 'output' || event.t === 'prompt' || event.t === 'echo') {
      const text = event.t === 'output' ? event.data : event.text;
      screens.set(event.term, (screens.get(event.term) ?? '') + text);
    }
    if (event.t === 'state') states.set(event.term, event.state);
    return gate.hold ?? undefined;
  });
  const opened = await client.open({ scenario: 'bare', seed: 1, transcript });
  const term = opened.terminals[0]?.term ?? (await client.openTerminal('node'))!;
  const type = (line: string): void => {
    screens.set(term, `${screens.get(term) ?? ''}${line}\n`);
    client.type(term, line);
  };
  return {
    clock,
    client,
    term,
    type,
    screen: () => screens.get(term) ?? '',
    state: () => states.get(term),
    gate,
    opened,
  };
}

const PROMPT = 'root@node:~# ';

test('a terminal prompts, runs a line, and prompts again', async () => {
  const { type, screen, state, opened } = await setUp();
  expect(opened).toEqual({ hosts: ['node'], terminals: [], restored: true });
  type('echo hello');
  expect(screen()).toBe(`${PROMPT}echo hello\nhello\n${PROMPT}`);
  expect(state()).toBe('prompt');
});

test('virtual time follows real time while a command waits, and can be skipped', async () => {
  const { type, screen, state, clock, client, term } = await setUp();
  type('sleep 2; echo done');
  clock.pass(1500);
  expect(screen()).toBe(`${PROMPT}sleep 2; echo done\n`);
  expect(state()).toBe('running');
  clock.pass(600);
  expect(screen()).toBe(`${PROMPT}sleep 2; echo done\ndone\n${PROMPT}`);
  type('sleep 300');
  client.skip(term);
  clock.pass(1);
  expect(state()).toBe('prompt');
});

test('^C reaches a program that never waits, and a screen that is slow stops it', async () => {
  const { type, screen, state, clock, client, term, gate } = await setUp();
  let show = (): void => {};
  gate.hold = new Promise((resolve) => {
    show = resolve;
  });
  type('while true; do echo y; done');
  clock.pass(100, 200);
  const stopped = screen().length;
  clock.pass(100, 200);
  expect(screen().length).toBe(stopped);
  show();
  gate.hold = null;
  client.interrupt(term);
  await new Promise((resolve) => setTimeout(resolve));
  clock.pass(100, 200);
  expect(state()).toBe('prompt');
  expect(screen().endsWith(PROMPT)).toBe(true);
});

test('undo and reload show again what was shown', async () => {
  const { type, screen, client, clock } = await setUp();
  type('echo one');
  type('sleep 1');
  clock.pass(1100);
  const before = screen();
  type('echo two');
  expect(await client.undo()).toBe(true);
  expect(screen()).toBe(before);
  const hash = await client.hash();
  const transcript = await client.transcript();
  const again = await setUp(structuredClone(transcript));
  expect(again.screen()).toBe(before);
  expect(await again.client.hash()).toBe(hash);
  expect(again.opened.restored).toBe(true);
  await client.reset();
  expect(screen()).toBe(PROMPT);
  expect(await client.undo()).toBe(false);
});

test('a program that reads gets lines and end of file', async () => {
  const { type, screen, state, client, term } = await setUp();
  type('cat');
  expect(state()).toBe('reading');
  type('one');
  client.eof(term);
  expect(screen()).toBe(`${PROMPT}cat\none\none\n${PROMPT}`);
});

test('the shell ends at ^D, and another terminal can be opened', async () => {
  const { state, client, term } = await setUp();
  client.eof(term);
  expect(state()).toBe('closed');
  expect(await client.openTerminal('node')).toBe(2);
  expect(await client.openTerminal('nowhere')).toBeNull();
});

test('messages that are no requests are dropped', () => {
  for (const bad of [
    null,
    1,
    {},
    { t: 'nope' },
    { t: 'type', term: 1 },
    { t: 'type', term: -1, line: '' },
    { t: 'open', id: 1, scenario: 1, seed: 1 },
    { t: 'hash' },
    { t: 'resize', term: 1, cols: 0, rows: 5 },
  ]) {
    expect(parseRequest(bad)).toBeNull();
  }
  expect(parseRequest({ t: 'type', term: 1, line: 'x' })).toEqual({ t: 'type', term: 1, line: 'x' });
});

test('after the page has slept, time goes on without a burst', () => {
  const pacing = new Pacing();
  pacing.start(0, 0);
  expect(pacing.delay(10, 1_000_000)).toBe(990);
  expect(pacing.delay(60_000, 2_000_000)).toBe(0);
  expect(pacing.delay(60_000, 3_000_000)).toBe(1000);
  expect(pacing.virtualAt(60_500, null)).toBe(2_500_000);
});
