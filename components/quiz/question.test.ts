import { expect, test } from 'vitest';
import { drawQuestions, firstOrder, seeded, viewQuestion, whyWrong } from './question.ts';

const both = (en: string) => ({ en, 'zh-TW': `${en}（中）` });
const common = { topic: 'cni', level: 2, prompt: both('p'), explanation: both('e'), source: 's' };

test('a question is shown in one language', () => {
  const source = {
    ...common,
    id: 'q',
    kind: 'type' as const,
    answers: ['64'],
    wrong: [{ answer: '63', why: both('no router') }],
  };
  const view = viewQuestion(source, 'zh-TW');
  expect(view).toMatchObject({ prompt: 'p（中）', explanation: 'e（中）', answers: ['64'] });
  expect(whyWrong(view, ' 63 ')).toBe('no router（中）');
  expect(whyWrong(view, '1')).toBeNull();
});

test('an order is shuffled the same way each time, and never right at first', () => {
  for (let i = 0; i < 200; i++) {
    const question = { id: `q${i}`, items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] };
    const shown = firstOrder(question);
    expect(shown).toEqual(firstOrder(question));
    expect([...shown].sort()).toEqual(['a', 'b', 'c']);
    expect(shown).not.toEqual(['a', 'b', 'c']);
  }
});

test('questions are drawn by topic and level', () => {
  const all = Array.from({ length: 20 }, (_, i) => ({ id: i, topic: i % 2 ? 'cni' : 'flannel', level: (i % 5) + 1 }));
  const drawn = drawQuestions(all, { topic: 'cni', level: null, count: 4 }, seeded(3));
  expect(drawn).toHaveLength(4);
  expect(drawn.every((q) => q.topic === 'cni')).toBe(true);
  expect(new Set(drawn).size).toBe(4);
  expect(drawQuestions(all, { topic: 'cni', level: 4, count: 10 }, seeded(3)).map((q) => q.level)).toEqual([4, 4]);
});
