/** What the generators of `kubectl create` share: flags, printing, sending. Source: k8s.io/kubectl pkg/cmd/create/create.go. */
import { isApiError } from '../../../../k8s/api/status.ts';
import { createResource } from '../../../../k8s/api/write.ts';
import { kindOf } from '../../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../../k8s/types.ts';
import type { Io } from '../../../../kernel/process.ts';
import type { FlagSpec } from '../../../../text/pflag.ts';
import { printErr } from '../../../io.ts';
import { type Call, defineVerb, flagValue, isOn, type Verb } from '../../contract.ts';
import { withLastApplied } from '../../write/applied.ts';
import { fail, refuse, usage } from '../../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../../write/print.ts';

export const GENERATOR_FLAGS: FlagSpec[] = [
  ...PRINT_FLAGS,
  DRY_RUN,
  { name: 'save-config', bool: true },
  { name: 'validate', bare: 'strict' },
  { name: 'field-manager' },
];

/** An object, or what is wrong with the command line (without `error: `). */
export type Generated = { object: KubeObject } | { error: string } | { usage: string };

export interface Generator {
  /** As the command line names it: `service clusterip`. */
  path: string;
  summary: string;
  /** Plural of what it makes. */
  resource: string;
  flags: FlagSpec[];
  aliases?: string[];
  /** Flags without which it does not run, in the order in which cobra lists them. */
  required?: string[];
  /** What is put before the server's refusal; without it the refusal is told as it is. */
  failed?: string;
  generate(call: Call, name: string): Generated;
}

function* send(call: Call, generator: Generator, object: KubeObject): Io<number> {
  const { proc, namespace } = call;
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const kind = kindOf(generator.resource);
  const explicit = kind.namespaced && call.flags.values.has('namespace');
  const whole: KubeObject = { ...object, metadata: { ...object.metadata, ...(explicit ? { namespace } : {}) } };
  const sent = isOn(call.flags, 'save-config') ? withLastApplied(whole) : whole;
  if (dryRun === 'client') {
    yield* printer.show(kind, sent, 'created', true);
    return 0;
  }
  const made = createResource(
    proc.world,
    kind,
    { ...sent, metadata: { ...sent.metadata, ...(kind.namespaced ? { namespace } : {}) } },
    { dryRun: dryRun === 'server', fieldValidation: 'Strict' },
  );
  if (isApiError(made)) {
    if (generator.failed === undefined) return yield* refuse(made);
    return yield* fail(`${generator.failed} ${made.message}`);
  }
  yield* printer.show(kind, made, 'created', true);
  return 0;
}

/** A generator as a verb below `create`. */
export function generatorVerb(generator: Generator): Verb {
  return defineVerb({
    name: generator.path.split(' ').at(-1) as string,
    ...(generator.aliases ? { aliases: generator.aliases } : {}),
    summary: generator.summary,
    flags: [...GENERATOR_FLAGS, ...generator.flags],
    *run(call) {
      const missing = (generator.required ?? []).filter((name) => !call.flags.values.has(name));
      if (missing.length > 0)
        return yield* fail(`required flag(s) ${missing.map((name) => `"${name}"`).join(', ')} not set`);
      const { args, after } = call.flags;
      const count =
        generator.resource === 'deployments' || generator.resource === 'jobs'
          ? args.length
          : args.length + after.length;
      if (count !== 1) return yield* usage(`create ${generator.path}`, `exactly one NAME is required, got ${count}`);
      const made = generator.generate(call, args[0] as string);
      if ('object' in made) return yield* send(call, generator, made.object);
      if ('usage' in made) {
        yield* printErr(`error: ${made.usage}\nSee 'kubectl create ${generator.path} --help' for usage.\n`);
        return 1;
      }
      return yield* fail(made.error);
    },
  });
}

/** A whole number by a flag, or what pflag says of it. `flag` as usage shows it. */
export function integer(
  call: Call,
  name: string,
  shown = `--${name}`,
  size: 'Int' | 'Int32' = 'Int32',
): number | null | { usage: string } {
  const text = flagValue(call.flags, name);
  if (text === undefined) return null;
  if (/^[+-]?\d+$/.test(text) && (size === 'Int' || Math.abs(Number(text)) < 2 ** 31)) return Number(text);
  const why = /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  return {
    usage: `invalid argument ${JSON.stringify(text)} for "${shown}" flag: strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`,
  };
}
