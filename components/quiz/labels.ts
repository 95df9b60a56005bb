import type { Labels } from '../ui/labels.ts';

/** The texts that a question needs: keys of the namespace `quiz`. */
export const QUIZ_KEYS = [
  'check',
  'right',
  'wrong',
  'again',
  'yourChoice',
  'correct',
  'notCorrect',
  'answerWas',
  'chooseOne',
  'chooseAll',
  'putInOrder',
  'typeIt',
  'up',
  'down',
  'moved',
  'yourAnswer',
  'source',
  'answerFirst',
  'rightOrder',
  'explanation',
] as const;
export const QUIZ_PLACES = ['answer', 'item', 'place', 'count'] as const;
export type QuizLabels = Labels<(typeof QUIZ_KEYS)[number]>;
