import { describe, expect, it } from 'vitest';
import { drawExercise, drawValues, fillDrawn } from './draw.ts';
import { type Exercise, exerciseSchema } from './schema.ts';

const both = (text: string) => ({ en: text, 'zh-TW': text });
const ladder = Array.from({ length: 4 }, () => 'look at {{place.node}}');
const exercise: Exercise = exerciseSchema.parse({
  id: 'drawn',
  kind: 'free',
  level: 1,
  minutes: 5,
  topics: ['test'],
  title: both('t'),
  summary: both('s'),
  scene: {
    base: 'bare',
    draw: { port: ['80', '81', '82'], place: [{ node: 'node1' }, { node: 'node2' }] },
    setup: [{ host: '{{place.node}}', cmd: 'nc -l {{port}}' }],
  },
  terminals: ['node'],
  checks: [
    {
      id: 'c',
      says: both('s'),
      fails: both('f'),
      test: { kind: 'reach', from: '{{place.node}}', to: '10.0.0.1', port: 'TCP/{{port}}' },
    },
  ],
  hints: { en: ladder, 'zh-TW': ladder },
});

describe('drawExercise', () => {
  it('draws the same for the same seed, and everything that there is over many seeds', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const drawn = JSON.stringify(drawValues(exercise, seed));
      expect(JSON.stringify(drawValues(exercise, seed))).toBe(drawn);
      seen.add(drawn);
    }
    expect(seen.size).toBe(6);
  });

  it('fills setup, checks and hints alike, and leaves the authored exercise as it was', () => {
    const before = JSON.stringify(exercise);
    const drawn = drawExercise(exercise, 7);
    const { port, 'place.node': node } = drawValues(exercise, 7);
    expect(drawn.scene.seed).toBe(7);
    expect(drawn.scene.setup[0]).toMatchObject({ host: node, cmd: `nc -l ${port}` });
    expect(drawn.checks[0]?.test).toMatchObject({ from: node, port: `TCP/${port}` });
    expect(drawn.hints.en[0]).toBe(`look at ${node}`);
    expect(JSON.stringify(exercise)).toBe(before);
  });

  it('does not move one draw when another is added', () => {
    const more = { ...exercise, scene: { ...exercise.scene, draw: { ...exercise.scene.draw, a: ['x', 'y'] } } };
    for (let seed = 0; seed < 20; seed++) expect(drawValues(more, seed).port).toBe(drawValues(exercise, seed).port);
  });

  it('refuses a name that is not drawn', () => {
    expect(() => fillDrawn('{{nobody}}', {})).toThrow('{{nobody}} is not drawn');
  });
});
