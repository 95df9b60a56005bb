import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawValues, fillDrawn } from '#grade/draw.ts';
import { gradeTranscript, typeScript } from '#grade/grade.ts';
import { emptyTranscript, scenarioNames } from '#sim/index.ts';
import { findQuestions, getCatalog } from './catalog.ts';
import { headingsOf, loadExercise, loadLesson } from './load-mdx.ts';
import { contentRoot } from './read.ts';
import { LOCALES } from './schema.ts';
import { parseScript } from './script.ts';

const catalog = getCatalog();
const lessonText = (id: string, locale: string) =>
  readFileSync(join(contentRoot(), 'lessons', id, `${locale}.mdx`), 'utf8');
const runBlocks = (source: string) => source.match(/^```run[\s\S]*?^```$/gm) ?? [];
const components = (source: string) => (source.match(/<(Terminal|PacketPath|Predict|Quiz)\b[^>]*>/g) ?? []).join('\n');

describe('the catalog', () => {
  it('has what the first release promises', () => {
    expect(catalog.lessons.length).toBeGreaterThanOrEqual(3);
    expect(catalog.exercises.length).toBeGreaterThanOrEqual(4);
    expect(catalog.questions.length).toBeGreaterThanOrEqual(12);
    expect(new Set(catalog.questions.map((q) => q.kind))).toEqual(new Set(['single', 'multiple', 'order', 'type']));
  });

  it('refers only to what exists', () => {
    const exercises = new Set(catalog.exercises.map((e) => e.exercise.id));
    const lessons = new Set(catalog.lessons.map((l) => l.id));
    expect(catalog.lessons.flatMap((l) => l.exercises).filter((id) => !exercises.has(id))).toEqual([]);
    expect(catalog.exercises.flatMap((e) => e.exercise.lesson ?? []).filter((id) => !lessons.has(id))).toEqual([]);
    expect(catalog.exercises.map((e) => e.exercise.scene.base).filter((s) => !scenarioNames.includes(s))).toEqual([]);
  });
});

describe.each(catalog.lessons.map((l) => l.id))('lesson %s', (id) => {
  it('is there in every language, with the same structure', () => {
    const [en, ...others] = LOCALES.map((locale) => lessonText(id, locale));
    for (const other of others) {
      expect(headingsOf(other as string).map((h) => h.depth)).toEqual(headingsOf(en as string).map((h) => h.depth));
      expect(runBlocks(other as string)).toEqual(runBlocks(en as string));
      expect(components(other as string)).toEqual(components(en as string));
    }
  });

  it('asks questions that exist', () => {
    const source = lessonText(id, 'en');
    const ids = [...source.matchAll(/<Quiz ids="([^"]+)"/g)].flatMap((m) => (m[1] as string).split(','));
    const predicted = [...source.matchAll(/<Predict id="([^"]+)"/g)].map((m) => m[1] as string);
    expect(() => findQuestions([...ids, ...predicted])).not.toThrow();
    expect(ids.length).toBeGreaterThan(0);
  });

  it.each(LOCALES)('compiles in %s, and every terminal block runs', async (locale) => {
    const lesson = await loadLesson(id, locale);
    expect(lesson?.code).toContain('Run');
    expect(lesson?.code).not.toMatch(/flatnet: not modelled|command not found|unknown flag/);
  });
});

describe.each(catalog.exercises.map((e) => e.exercise))('exercise $id', (exercise) => {
  const dir = join(contentRoot(), 'exercises', exercise.id);
  const grade = (script: string, seed = exercise.scene.seed) => {
    const { steps } = parseScript(fillDrawn(script, drawValues(exercise, seed)));
    return gradeTranscript(exercise, typeScript(exercise, seed, steps), seed);
  };

  it('has its task in every language', async () => {
    for (const locale of LOCALES) {
      expect(existsSync(join(dir, `${locale}.mdx`))).toBe(true);
      expect((await loadExercise(exercise.id, locale))?.code).toBeTruthy();
    }
  });

  it('fails untouched', () => {
    expect(gradeTranscript(exercise, emptyTranscript(), exercise.scene.seed).passed).toBe(false);
  });

  it('is passed by its solution', () => {
    const verdict = grade(readFileSync(join(dir, 'solution.sh'), 'utf8'));
    expect(verdict.checks.filter((c) => !c.passed).map((c) => `${c.id}: ${c.observed}`)).toEqual([]);
    expect(verdict).toMatchObject({ status: 'graded', passed: true, score: 1 });
  });

  const wrong = readdirSync(join(dir, 'wrong')).sort();
  it.each(wrong)('is failed by wrong/%s at the check it names', (file) => {
    const text = readFileSync(join(dir, 'wrong', file), 'utf8');
    const { fails } = parseScript(fillDrawn(text, drawValues(exercise, exercise.scene.seed)));
    const verdict = grade(text);
    expect(fails.length).toBeGreaterThan(0);
    expect(verdict.status).toBe('graded');
    for (const id of fails) expect(verdict.checks.find((c) => c.id === id)?.passed, id).toBe(false);
  });

  it('replays to the same world twice', () => {
    const solution = readFileSync(join(dir, 'solution.sh'), 'utf8');
    const { steps } = parseScript(fillDrawn(solution, drawValues(exercise, exercise.scene.seed)));
    const transcript = typeScript(exercise, exercise.scene.seed, steps);
    const hash = () => gradeTranscript(exercise, transcript, exercise.scene.seed).worldHash;
    expect(hash()).toBe(hash());
  });

  const VARIANTS = 20;
  if (Object.keys(exercise.scene.draw).length === 0) return;
  it('proves itself on 20 seeds, which are not all alike', () => {
    const drawn = new Set<string>();
    for (let seed = 100; seed < 100 + VARIANTS; seed++) {
      drawn.add(JSON.stringify(drawValues(exercise, seed)));
      expect(gradeTranscript(exercise, emptyTranscript(), seed).passed, `untouched, seed ${seed}`).toBe(false);
      const verdict = grade(readFileSync(join(dir, 'solution.sh'), 'utf8'), seed);
      expect(verdict.checks.filter((c) => !c.passed).map((c) => `seed ${seed} ${c.id}: ${c.observed}`)).toEqual([]);
      for (const file of wrong) {
        const text = readFileSync(join(dir, 'wrong', file), 'utf8');
        const failed = grade(text, seed).checks.filter((c) => !c.passed);
        expect(
          failed.map((c) => c.id),
          `${file}, seed ${seed}`,
        ).toEqual(expect.arrayContaining(parseScript(fillDrawn(text, drawValues(exercise, seed))).fails));
      }
    }
    expect(drawn.size).toBeGreaterThan(1);
  }, 120_000);
});
