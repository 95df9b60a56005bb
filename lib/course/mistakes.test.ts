/** An author's mistake is said with its file, line and column, and ends the build. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let root: string;

const LESSON = `title: { en: A, zh-TW: 甲 }
summary: { en: A, zh-TW: 甲 }
minutes: 5
level: 1
objectives: { en: [see], zh-TW: [看] }
sources: [a book]
`;

beforeEach(() => {
  vi.resetModules();
  root = mkdtempSync(join(tmpdir(), 'flatnet-content-'));
  vi.stubEnv('FLATNET_ROOT', root);
  write(
    'lessons/m/module.yaml',
    'title: { en: M, zh-TW: 模 }\nsummary: { en: M, zh-TW: 模 }\norder: 1\nlessons: [one]\n',
  );
  write('lessons/m/one/lesson.yaml', LESSON);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(root, 'content', path, '..'), { recursive: true });
  writeFileSync(join(root, 'content', path), text);
}

async function mistake(text: string): Promise<string> {
  write('lessons/m/one/en.mdx', text);
  const { loadLesson } = await import('./load-mdx.ts');
  try {
    await loadLesson('m/one', 'en');
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

it.each([
  ['Fine.\n\n<Note kind="warning">\n\nText.\n\n</Note>\n', /^none$/],
  ['Text.\n\n  <Terminl scene="bare" />\n', /lessons\/m\/one\/en\.mdx:3:3: .*<Terminl>: is no component of lessons/],
  ['<Terminal scene="bear" />\n', /en\.mdx:1:1: .*<Terminal>: unknown scene bear/],
  ['Text.\n\n<Quiz ids="none" />\n', /en\.mdx:3:1: .*<Quiz>: no question has the id none/],
  ['Text.\n\n```run scene=bear\nls\n```\n', /en\.mdx:3:1: .*unknown scene bear/],
  ['Text.\n\n<Note>\n\nnever closed\n', /en\.mdx:3:1: .*closing tag for `<Note>`/],
])('%j', async (text, message) => {
  expect(await mistake(text)).toMatch(message);
});

it('names the field of a YAML file', async () => {
  write('lessons/m/one/lesson.yaml', LESSON.replace('level: 1', 'level: 9'));
  expect(await mistake('')).toMatch(/lessons\/m\/one\/lesson\.yaml:4:8: level: /);
});

it('names the place of broken YAML', async () => {
  write('lessons/m/one/lesson.yaml', LESSON.replace('title: {', 'title: {{'));
  expect(await mistake('')).toMatch(/lessons\/m\/one\/lesson\.yaml:2:1: /);
});
