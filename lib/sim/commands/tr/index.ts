import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr, read } from '../io.ts';
import { optionDocs } from '../options.ts';
import { expandSet } from './sets.ts';

const SPEC = { short: '+cCdst', long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' } };

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const remove = hasOption(parsed, 'd');
  const squeeze = hasOption(parsed, 's');
  const complement = hasOption(parsed, 'c') || hasOption(parsed, 'C');
  const { operands } = parsed;
  const usage = function* (message: string): Program {
    yield* printErr(`tr: ${message}\nTry 'tr --help' for more information.\n`);
    return 1;
  };
  if (operands.length === 0) return yield* usage('missing operand');
  const needsTwo = !remove && !squeeze;
  if (operands.length === 1 && (needsTwo || (remove && squeeze))) {
    return yield* usage(
      `missing operand after ‘${operands[0]}’\nTwo strings must be given when ${needsTwo ? 'translating' : 'both deleting and squeezing repeats'}.`,
    );
  }
  if (operands.length > 2 || (operands.length === 2 && remove && !squeeze)) {
    return yield* usage(
      `extra operand ‘${operands[remove && !squeeze ? 1 : 2]}’${remove && !squeeze ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''}`,
    );
  }
  const one = expandSet(operands[0] as string);
  const two = expandSet(operands[1] ?? '');
  if (typeof one === 'string' || typeof two === 'string') {
    yield* printErr(`tr: ${typeof one === 'string' ? one : two}\n`);
    return 1;
  }
  const translate = operands.length === 2 && !remove;
  if (translate && two.length === 0) {
    yield* printErr('tr: when not truncating set1, string2 must be non-empty\n');
    return 1;
  }
  const set = new Set(one);
  const inOne = (c: string) => set.has(c) !== complement;
  const to = new Map(one.map((c, i) => [c, two[Math.min(i, two.length - 1)] as string]));
  const squeezed = new Set(two.length > 0 ? two : one);
  const squeezes = (c: string) => (two.length > 0 ? squeezed.has(c) : inOne(c));
  let previous = '';
  for (let chunk = yield* read(); chunk !== null; chunk = yield* read()) {
    let out = '';
    for (const c of chunk) {
      if (remove && inOne(c)) continue;
      const shown = translate && inOne(c) ? (complement ? (two[two.length - 1] as string) : (to.get(c) as string)) : c;
      if (squeeze && shown === previous && squeezes(shown)) continue;
      out += shown;
      previous = shown;
    }
    yield* print(out);
  }
  return 0;
}

export const command = defineCommand({
  name: 'tr',
  dir: '/usr/bin',
  summary: 'translate or delete characters',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-c -d -s -t'),
  run,
});
