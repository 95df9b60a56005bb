/** No command line throws, hangs or leaves its bounds. FLATNET_FUZZ=100000 runs that many lines. */
import { describe, expect, it } from 'vitest';
import { runLines, SOURCES } from './fuzz.ts';

const LINES = Number(process.env.FLATNET_FUZZ ?? 2000);

describe('random command lines on bare', () => {
  it.each(SOURCES)(
    '$name end by themselves or by a bound',
    (source) => {
      expect(runLines(source, LINES)).toBe(Math.ceil(LINES * source.share));
    },
    60_000 + LINES * 20,
  );
});
