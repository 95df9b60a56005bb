import type { Proc, Program } from '../../kernel/process.ts';
import { daysFromCivil } from '../../text/civil.ts';
import { strftime } from '../../text/strftime.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

const ISO: Record<string, string> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'd:f:I::r:Rs:u',
    long: {
      'date=': 'd',
      'iso-8601?': 'I',
      'rfc-3339=': 'rfc',
      'rfc-email': 'R',
      utc: 'u',
      universal: 'u',
      'set=': 's',
    },
  });
  if (typeof parsed === 'number') return parsed;
  for (const key of ['f', 'r', 's']) if (hasOption(parsed, key)) return yield* notModelled(`date -${key}`);
  const { world } = proc;
  let seconds = world.epoch + Math.floor(world.now / 1e6);
  let nanos = (world.now % 1e6) * 1000;
  const given = lastOption(parsed, 'd');
  if (given !== undefined) {
    const at = parseDate(given);
    if (at === undefined) return yield* notModelled(`date -d '${given}'`);
    if (at !== null) [seconds, nanos] = [at, 0];
  }
  let format = '%a %b %e %H:%M:%S %Z %Y';
  const iso = parsed.options.find((o) => o.key === 'I');
  if (iso) format = ISO[iso.value ?? 'date'] ?? (ISO.date as string);
  if (hasOption(parsed, 'R')) format = '%a, %d %b %Y %H:%M:%S %z';
  const rfc = lastOption(parsed, 'rfc');
  if (rfc !== undefined) format = rfc === 'date' ? '%Y-%m-%d' : '%Y-%m-%d %H:%M:%S%:z';
  const [operand, extra] = parsed.operands;
  if (extra !== undefined) {
    yield* printErr(`date: extra operand ‘${extra}’\nTry 'date --help' for more information.\n`);
    return 1;
  }
  if (operand !== undefined) {
    if (!operand.startsWith('+')) {
      yield* printErr(`date: invalid date ‘${operand}’\n`);
      return 1;
    }
    format = operand.slice(1);
  }
  yield* print(`${strftime(format, seconds, nanos)}\n`);
  return 0;
}

/** Unix seconds; null for now, undefined for what is not understood. */
function parseDate(text: string): number | null | undefined {
  if (text === '' || text === 'now') return null;
  const epoch = /^@(-?\d+)$/.exec(text);
  if (epoch) return Number(epoch[1]);
  const m = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?(?:Z| ?UTC)?$/.exec(text);
  if (!m) return undefined;
  return (
    daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3])) * 86400 +
    Number(m[4] ?? 0) * 3600 +
    Number(m[5] ?? 0) * 60 +
    Number(m[6] ?? 0)
  );
}

export const command = defineCommand({
  name: 'date',
  dir: '/usr/bin',
  summary: 'print the time',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-d=DATE -I=PRECISION -R -u --rfc-3339=PRECISION ! -s -r -f'),
  run,
});
