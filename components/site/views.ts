/** What the site's lists show: shapes that the catalog's lessons and the server's progress have. */
type Localized = Readonly<Record<'en' | 'zh-TW', string>>;

export interface LessonView {
  id: string;
  title: Localized;
  summary: Localized;
  level: number;
  minutes: number;
}

export interface ProgressView {
  lessons: Readonly<Record<string, { percent: number; completed: boolean; updatedAt: string }>>;
  exercises: Readonly<Record<string, { passed: boolean; best: number }>>;
}

export interface RoundView {
  id: string;
  topic: string | null;
  level: number | null;
  timeLimit: number | null;
  seconds: number;
  asked: number;
  correct: number;
  createdAt: string;
}
