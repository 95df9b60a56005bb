import type { Labels } from '../ui/labels.ts';

/** Texts of the form that begins a round: keys of the namespace `practice`. */
export const PRACTICE_KEYS = [
  'topic',
  'anyTopic',
  'level',
  'anyLevel',
  'count',
  'timed',
  'timedHelp',
  'start',
  'again',
  'none',
] as const;
export type PracticeLabels = Labels<(typeof PRACTICE_KEYS)[number]>;

/** Texts of a round: keys of the namespace `quiz`. */
export const ROUND_KEYS = [
  'progress',
  'next',
  'finish',
  'skip',
  'timeLeft',
  'timeUp',
  'resultTitle',
  'result',
  'spent',
  'saved',
  'saving',
  'savedLater',
  'notSaved',
  'unanswered',
  'right',
  'wrong',
  'minuteLeft',
] as const;
export const ROUND_PLACES = ['number', 'count', 'right', 'time'] as const;
export type RoundLabels = Labels<(typeof ROUND_KEYS)[number]>;
