import { expect, test } from 'vitest';
import { type Delivery, judge, Outbox, type OutboxItem, type OutboxPorts } from './outbox.ts';

const OK: Delivery = { kind: 'answer', status: 200, retryAfter: null, body: { fine: true } };
const status = (code: number, retryAfter: number | null = null): Delivery => ({
  kind: 'answer',
  status: code,
  retryAfter,
  body: { error: { message: `says ${code}` } },
});

function setUp(answers: Delivery[], stored: OutboxItem[] = [], room = true) {
  const sent: string[] = [];
  const timers: { ms: number; fn: () => void }[] = [];
  let items = stored;
  const ports: OutboxPorts = {
    load: () => items,
    save: (next) => {
      if (room) items = [...next];
      return room;
    },
    send: async (item) => {
      sent.push(item.clientId);
      return answers.shift() ?? OK;
    },
    later: (ms, fn) => void timers.push({ ms, fn }),
    alone: (fn) => fn(),
  };
  return { outbox: new Outbox(ports), sent, timers, stored: () => items.map((i) => i.clientId) };
}

const item = (clientId: string): OutboxItem => ({ clientId, url: '/api/attempts', body: {} });

test('items are sent once, in order, and leave the store', async () => {
  const { outbox, sent, stored } = setUp([]);
  expect(await Promise.all([outbox.add(item('a')), outbox.add(item('b'))])).toEqual([
    { kind: 'sent', body: { fine: true } },
    { kind: 'sent', body: { fine: true } },
  ]);
  expect(sent).toEqual(['a', 'b']);
  expect(stored()).toEqual([]);
  expect(outbox.state).toEqual({ waiting: 0, reason: null, kept: true });
});

test('while the server is away they wait, and go in order when it is back', async () => {
  const { outbox, sent, timers, stored } = setUp([{ kind: 'offline' }, status(503), status(429, 30)], [item('old')]);
  const added = outbox.add(item('new'));
  for (const reason of ['offline', 'away', 'patience'] as const) {
    await expect.poll(() => outbox.state.reason).toBe(reason);
    expect(outbox.state.waiting).toBe(2);
    timers.shift()?.fn();
  }
  expect(await added).toEqual({ kind: 'sent', body: { fine: true } });
  expect(sent).toEqual(['old', 'old', 'old', 'old', 'new']);
  expect(stored()).toEqual([]);
});

test('what is refused leaves, and the next one is sent', async () => {
  const { outbox, sent } = setUp([status(400), OK]);
  expect(await Promise.all([outbox.add(item('bad')), outbox.add(item('good'))])).toEqual([
    { kind: 'refused', status: 400, message: 'says 400' },
    { kind: 'sent', body: { fine: true } },
  ]);
  expect(sent).toEqual(['bad', 'good']);
});

test('without room in the browser it still sends, and says that it keeps nothing', async () => {
  const { outbox, sent } = setUp([], [], false);
  const added = outbox.add(item('a'));
  expect(outbox.state.kept).toBe(false);
  expect((await added).kind).toBe('sent');
  expect(sent).toEqual(['a']);
});

test("the server's wish for patience is honoured", () => {
  expect(judge(status(429, 90), 0)).toEqual({ kind: 'retry', ms: 90_000, reason: 'patience' });
  expect(judge({ kind: 'offline' }, 3)).toEqual({ kind: 'retry', ms: 16_000, reason: 'offline' });
  expect(judge({ kind: 'offline' }, 300)).toEqual({ kind: 'retry', ms: 60_000, reason: 'offline' });
});
