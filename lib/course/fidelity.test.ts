import { expect, test } from 'vitest';
import { loadRecording, recordingNames } from '#conformance/live.ts';
import { isGiven, readDifferences, readFigures } from './fidelity.ts';

test('the page of fidelity counts the recordings that were given', () => {
  const { recordings, commands, tools } = readFigures();
  const names = recordingNames([]).filter(isGiven);
  expect(recordings.total, 'run `npm run -s flatnet -- conformance --write`').toBe(names.length);
  expect(commands.total).toBe(names.reduce((sum, name) => sum + loadRecording(name).steps.length, 0));
  expect(tools.reduce((sum, tool) => sum + tool.matched, 0)).toBe(commands.matched);
});

test('differences are told in both languages', () => {
  for (const { what } of readDifferences()) expect(what['zh-TW']).toMatch(/[\u4e00-\u9fff]/);
});
