/** Lessons and tasks: MDX compiled on the server by mdx-bundler. The browser gets HTML; it evaluates nothing. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleMDX } from 'mdx-bundler';
import remarkGfm from 'remark-gfm';
import type { Exercise } from '#grade/schema.ts';
import { findExercise, findLesson, getCatalog } from './catalog.ts';
import { remarkCheckComponents } from './check-components.ts';
import { ContentError, contentRoot } from './read.ts';
import { remarkRunBlocks } from './run-blocks.ts';
import type { LessonInfo, Locale } from './schema.ts';

export interface Heading {
  depth: 2 | 3;
  text: string;
  slug: string;
}

const cache = new Map<string, Promise<string>>();

/** Where the build keeps compiled texts, each by the hash of its source. */
const compiledFile = (key: string): string =>
  join(contentRoot(), '..', 'dist', 'mdx', `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.js`);

/** Compiled code of an MDX file, for mdx-bundler's getMDXComponent. Throws {@link ContentError} with the position. */
function compile(file: string): Promise<string> {
  const source = readFileSync(file, 'utf8');
  const key = `${file.slice(contentRoot().length)}\n${source}`;
  let code = cache.get(key);
  if (!code) cache.set(key, (code = load(file, source, compiledFile(key))));
  return code;
}

async function load(file: string, source: string, compiled: string): Promise<string> {
  if (process.env.NODE_ENV === 'production' && existsSync(compiled)) return readFileSync(compiled, 'utf8');
  const code = await bundle(file, source);
  if (process.env.FLATNET_WRITE_COMPILED === '1') {
    mkdirSync(join(compiled, '..'), { recursive: true });
    writeFileSync(compiled, code);
  }
  return code;
}

async function bundle(file: string, source: string): Promise<string> {
  try {
    const { code } = await bundleMDX({
      source,
      mdxOptions: (options) => ({
        ...options,
        remarkPlugins: [...(options.remarkPlugins ?? []), remarkGfm, remarkCheckComponents, remarkRunBlocks],
      }),
    });
    return code;
  } catch (error) {
    throw toContentError(file, error);
  }
}

/** What esbuild says of a file: its errors, each with a place (columns counted from 0) or none. */
interface BuildFailure {
  errors?: { text: string; location: { line: number; column: number } | null }[];
}

/** The place and the words of the first mistake: a plugin of ours begins with "LINE:COLUMN:", the parser gives a location. */
function toContentError(file: string, error: unknown): ContentError {
  const message = error instanceof Error ? error.message : String(error);
  const [first] = (error as BuildFailure).errors ?? [];
  const ours = /Error: (\d+):(\d+): ([^\n]*)/.exec(first?.text ?? message);
  if (ours) return new ContentError(file, Number(ours[1]), Number(ours[2]), ours[3] as string);
  const text = (first?.text ?? message).split('\n').slice(0, 3).join(' ');
  const named = /\((\d+):(\d+)-\d+:\d+\)/.exec(text);
  if (named) return new ContentError(file, Number(named[1]), Number(named[2]), text);
  const { line = 1, column = 0 } = first?.location ?? {};
  return new ContentError(file, line, column + 1, text);
}

/** Anchors: lower-case words joined by hyphens; other scripts are kept. */
export const slugOf = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[`*_]/g, '')
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-|-$/g, '');

/** Second- and third-level headings of an MDX text, outside of code blocks. */
export function headingsOf(source: string): Heading[] {
  const headings: Heading[] = [];
  let fenced = false;
  for (const line of source.split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    const m = fenced ? null : /^(##|###) (.+)$/.exec(line);
    if (m)
      headings.push({
        depth: (m[1] as string).length as 2 | 3,
        text: (m[2] as string).replace(/[`*]/g, ''),
        slug: slugOf(m[2] as string),
      });
  }
  return headings;
}

export interface LoadedLesson {
  info: LessonInfo;
  code: string;
  headings: Heading[];
  previous: LessonInfo | null;
  next: LessonInfo | null;
}

/** A lesson with its text in a language (English where a translation is missing), or null when there is none. */
export async function loadLesson(id: string, locale: Locale): Promise<LoadedLesson | null> {
  const info = findLesson(id);
  if (!info) return null;
  const file = join(contentRoot(), 'lessons', id, `${info.locales.includes(locale) ? locale : 'en'}.mdx`);
  const { lessons } = getCatalog();
  const at = lessons.findIndex((l) => l.id === id);
  return {
    info,
    code: await compile(file),
    headings: headingsOf(readFileSync(file, 'utf8')),
    previous: lessons[at - 1] ?? null,
    next: lessons[at + 1] ?? null,
  };
}

/** An exercise with its task text and its reference solution, or null when there is none. */
export async function loadExercise(
  id: string,
  locale: Locale,
): Promise<{ exercise: Exercise; code: string; solution: string } | null> {
  const exercise = findExercise(id);
  const info = getCatalog().exercises.find((e) => e.exercise.id === id);
  if (!exercise || !info) return null;
  const dir = join(contentRoot(), 'exercises', id);
  const file = join(dir, `${info.locales.includes(locale) ? locale : 'en'}.mdx`);
  return { exercise, code: await compile(file), solution: readFileSync(join(dir, 'solution.sh'), 'utf8') };
}
