import { findUnit, startUnit, stopUnit, unitProcess, units } from '../../k8s/node/units.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { getopt } from '../../text/getopt.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { statusText } from './status.ts';

const SPEC = { short: 'qln:', long: { 'no-pager': 'P', quiet: 'q', full: 'l', 'lines=': 'n', now: 'N' } };
const VERBS = [
  'status',
  'start',
  'stop',
  'restart',
  'try-restart',
  'is-active',
  'is-enabled',
  'is-failed',
  'daemon-reload',
  'cat',
];
const KNOWN = [
  'kill',
  'enable',
  'disable',
  'mask',
  'unmask',
  'reload',
  'reload-or-restart',
  'list-units',
  'list-unit-files',
  'show',
  'edit',
  'list-sockets',
  'list-timers',
  'list-dependencies',
  'reset-failed',
  'isolate',
  'reboot',
  'poweroff',
];

const full = (name: string): string => (name.includes('.') ? name : `${name}.service`);

function* run(proc: Proc): Program {
  const parsed = getopt(proc.argv.slice(1), SPEC);
  if (parsed.error !== undefined) {
    yield* printErr(`systemctl: ${parsed.error}\n`);
    return 1;
  }
  const [verb, ...names] = parsed.operands;
  if (verb === undefined) return yield* notModelled('systemctl without a verb');
  if (KNOWN.includes(verb)) return yield* notModelled(`systemctl ${verb}`);
  if (!VERBS.includes(verb)) {
    yield* printErr(`Unknown command verb ${verb}.\n`);
    return 1;
  }
  if (!proc.host.journal) {
    yield* printErr(
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
    );
    return 1;
  }
  if (verb === 'daemon-reload') return 0;
  if (names.length === 0) {
    if (verb === 'status') return yield* notModelled('systemctl status without a unit');
    yield* printErr('Too few arguments.\n');
    return 1;
  }
  const quiet = parsed.options.some((o) => o.key === 'q');
  let worst = 0;
  for (const [i, name] of names.entries()) {
    if (i > 0 && verb === 'status') yield* print('\n');
    worst = Math.max(
      worst,
      yield* one(proc, verb, name, quiet, parsed.options.find((o) => o.key === 'n')?.value !== '0'),
    );
  }
  return worst;
}

function* one(proc: Proc, verb: string, name: string, quiet: boolean, logs: boolean): Program {
  const { machine, host } = proc;
  const unit = findUnit(host, name);
  const running = unit !== undefined && unitProcess(machine, host, unit) !== undefined;
  switch (verb) {
    case 'status':
      if (!unit) {
        yield* printErr(`Unit ${full(name)} could not be found.\n`);
        return 4;
      }
      yield* print(statusText(proc, unit, logs));
      return running ? 0 : 3;
    case 'cat': {
      if (!unit) {
        yield* printErr(`No files found for ${full(name)}.\n`);
        return 1;
      }
      return yield* notModelled('systemctl cat');
    }
    case 'is-active':
      if (!quiet) yield* print(running ? 'active\n' : 'inactive\n');
      return running ? 0 : unit ? 3 : 4;
    case 'is-failed':
      if (!quiet) yield* print(running ? 'active\n' : 'inactive\n');
      return 1;
    case 'is-enabled':
      if (!unit) {
        yield* printErr(`Failed to get unit file state for ${full(name)}: No such file or directory\n`);
        return 1;
      }
      if (!quiet) yield* print('enabled\n');
      return 0;
    default:
      if (!unit) {
        yield* printErr(
          `Failed to ${verb} ${full(name)}: Unit ${full(name)} not ${verb === 'stop' ? 'loaded' : 'found'}.\n`,
        );
        return 5;
      }
      if (verb === 'start' && running) return 0;
      if (verb === 'stop') {
        stopUnit(machine, host, unit);
        return 0;
      }
      if (verb === 'try-restart' && !running) return 0;
      stopUnit(machine, host, unit);
      startUnit(machine, host, unit);
      return 0;
  }
}

export const command = defineCommand({
  name: 'systemctl',
  dir: '/usr/bin',
  summary: "show, start and stop this machine's units",
  images: ['node'],
  options: optionDocs('-q -l -n=LINES --no-pager'),
  notModelled: KNOWN,
  run,
  complete: ({ words }) => (words.length <= 1 ? VERBS : units.map((u) => u.name.replace('.service', ''))),
});
