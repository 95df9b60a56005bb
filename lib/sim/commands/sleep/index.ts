import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { parseDuration } from '../duration.ts';
import { coreutilsOptions } from '../files.ts';
import { printErr, sleep } from '../io.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, { short: '+' });
  if (typeof parsed === 'number') return parsed;
  if (parsed.operands.length === 0) {
    yield* printErr("sleep: missing operand\nTry 'sleep --help' for more information.\n");
    return 1;
  }
  let total = 0;
  let bad = false;
  for (const operand of parsed.operands) {
    const us = parseDuration(operand);
    if (us === null) {
      yield* printErr(`sleep: invalid time interval ‘${operand}’\n`);
      bad = true;
    } else total += us;
  }
  if (bad) {
    yield* printErr("Try 'sleep --help' for more information.\n");
    return 1;
  }
  yield* sleep(Math.min(total, Number.MAX_SAFE_INTEGER / 4));
  return 0;
}

export const command = defineCommand({
  name: 'sleep',
  dir: '/usr/bin',
  summary: 'wait for a time',
  images: ['node', 'netshoot', 'busybox', 'http'],
  options: [],
  run,
});
