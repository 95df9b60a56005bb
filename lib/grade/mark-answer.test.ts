import { describe, expect, it } from 'vitest';
import { type Answerable, markAnswer } from './mark-answer.ts';

const multiple: Answerable = {
  kind: 'multiple',
  options: [
    { id: 'a', correct: true },
    { id: 'b', correct: false },
    { id: 'c', correct: true },
  ],
};
const order: Answerable = { kind: 'order', items: [{ id: 'x' }, { id: 'y' }, { id: 'z' }] };
const typed: Answerable = { kind: 'type', answers: ['10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'] };

describe('markAnswer', () => {
  it.each([
    [multiple, ['c', 'a'], true],
    [multiple, ['a'], false],
    [multiple, ['a', 'a'], false],
    [multiple, ['a', 'b', 'c'], false],
    [order, ['x', 'y', 'z'], true],
    [order, ['y', 'x', 'z'], false],
    [order, ['x', 'y'], false],
    [typed, ['  10.244.2.0/24  via 10.244.2.0 dev flannel.1 onlink '], true],
    [typed, ['10.244.2.0/24'], false],
    [typed, [], false],
  ] satisfies [Answerable, string[], boolean][])('%j %j is %s', (question, given, right) => {
    expect(markAnswer(question, given)).toBe(right);
  });
});
