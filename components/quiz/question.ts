/** A question as the reader sees it: one language. */
import { type Answerable, foldSpace } from '#grade/mark-answer.ts';

type Localized<T> = Readonly<Record<'en' | 'zh-TW', T>>;

interface CommonSource {
  id: string;
  topic: string;
  level: number;
  prompt: Localized<string>;
  code?: string;
  explanation: Localized<string>;
  source: string;
}

/** A question as the catalog holds it, in both languages. */
export type QuestionSource = CommonSource &
  (
    | {
        kind: 'single' | 'multiple';
        options: readonly { id: string; text: Localized<string>; correct: boolean; why: Localized<string> }[];
      }
    | { kind: 'order'; items: readonly { id: string; text: Localized<string> }[] }
    | { kind: 'type'; answers: readonly string[]; wrong: readonly { answer: string; why: Localized<string> }[] }
  );

interface CommonView {
  id: string;
  topic: string;
  level: number;
  prompt: string;
  code?: string;
  explanation: string;
  source: string;
}

export type QuestionView = CommonView &
  (
    | { kind: 'single' | 'multiple'; options: { id: string; text: string; correct: boolean; why: string }[] }
    | { kind: 'order'; items: { id: string; text: string }[] }
    | { kind: 'type'; answers: string[]; wrong: { answer: string; why: string }[] }
  ) &
  Answerable;

/** A question in one language. */
export function viewQuestion(q: QuestionSource, locale: string): QuestionView {
  const say = <T>(text: Localized<T>): T => (locale === 'zh-TW' ? text['zh-TW'] : text.en);
  const common: CommonView = {
    id: q.id,
    topic: q.topic,
    level: q.level,
    prompt: say(q.prompt),
    code: q.code,
    explanation: say(q.explanation),
    source: q.source,
  };
  switch (q.kind) {
    case 'single':
    case 'multiple':
      return {
        ...common,
        kind: q.kind,
        options: q.options.map((o) => ({ id: o.id, text: say(o.text), correct: o.correct, why: say(o.why) })),
      };
    case 'order':
      return { ...common, kind: 'order', items: q.items.map((i) => ({ id: i.id, text: say(i.text) })) };
    case 'type':
      return {
        ...common,
        kind: 'type',
        answers: [...q.answers],
        wrong: q.wrong.map((w) => ({ answer: w.answer, why: say(w.why) })),
      };
  }
}

/** Why a typed answer is wrong, when the author foresaw it. */
export function whyWrong(question: QuestionView, given: string): string | null {
  if (question.kind !== 'type') return null;
  return question.wrong.find((w) => foldSpace(w.answer) === foldSpace(given))?.why ?? null;
}

/** A small generator of numbers in [0, 1): the same on the server and in the browser for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** A shuffled copy. */
export function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

const hashOf = (text: string): number =>
  [...text].reduce((h, c) => (Math.imul(h, 31) + (c.codePointAt(0) ?? 0)) >>> 0, 7);

/** Items in the order first shown: shuffled by the question's id, and never right already. */
export function firstOrder(question: { id: string; items: readonly { id: string }[] }): string[] {
  const right = question.items.map((i) => i.id);
  const shown = shuffle(right, seeded(hashOf(question.id)));
  return shown.every((id, i) => id === right[i]) ? [...shown.slice(1), shown[0] as string] : shown;
}

/** At most `count` questions of a topic and a level, drawn at random. */
export function drawQuestions<T extends { topic: string; level: number }>(
  all: readonly T[],
  want: { topic: string | null; level: number | null; count: number },
  random: () => number,
): T[] {
  const fit = all.filter(
    (q) => (want.topic === null || q.topic === want.topic) && (want.level === null || q.level === want.level),
  );
  return shuffle(fit, random).slice(0, want.count);
}
