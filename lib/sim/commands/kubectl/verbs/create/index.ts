/** `kubectl create`: from files, or by a generator. Source: k8s.io/kubectl pkg/cmd/create/create.go (1.33). */
import { isApiError } from '../../../../k8s/api/status.ts';
import { createResource } from '../../../../k8s/api/write.ts';
import { notModelled, printErr } from '../../../io.ts';
import { type Call, defineVerb, isOn, lackingVerb, type Verb } from '../../contract.ts';
import { withLastApplied } from '../../write/applied.ts';
import { FILE_FLAGS, readFiles } from '../../write/builder.ts';
import { conclude, type Failure, fail, refusal, usage, whileDoing } from '../../write/errors.ts';
import { dryRunOf, printerOf } from '../../write/print.ts';
import { configMap, secrets } from './data.ts';
import { GENERATOR_FLAGS, generatorVerb } from './generator.ts';
import { ingress, namespace, serviceAccount } from './others.ts';
import { services } from './services.ts';
import { deployment, job } from './workloads.ts';

/** Generators of kinds that the model lacks. */
const LACKING = [
  'clusterrole',
  'clusterrolebinding',
  'cronjob',
  'poddisruptionbudget',
  'pdb',
  'priorityclass',
  'pc',
  'quota',
  'resourcequota',
  'role',
  'rolebinding',
  'token',
];

const group = (name: string, alias: string | null, heading: string, use: string, generators: Verb[]): Verb =>
  defineVerb({
    name,
    ...(alias ? { aliases: [alias] } : {}),
    summary: heading.split('\n')[0] as string,
    flags: [],
    verbs: generators,
    *run({ flags }) {
      if (flags.args.length > 0) return yield* fail(`unknown command ${JSON.stringify(flags.args.join(' '))}`);
      const width = Math.max(...generators.map((g) => g.name.length)) + 3;
      const list = generators.map((g) => `  ${g.name.padEnd(width)}${g.summary}\n`).join('');
      yield* printErr(
        `${heading}\n\n${alias ? `Aliases:\n${name}, ${alias}\n\n` : ''}Available Commands:\n${list}\nUsage:\n  kubectl create ${use}\n\nUse "kubectl create ${name} <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).\n`,
      );
      return 1;
    },
  });

function* fromFiles(call: Call) {
  const given = yield* readFiles(call);
  if (given === null) return yield* fail('must specify one of -f and -k');
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const errors: Failure[] = [];
  let objects = 0;
  for (const entry of given) {
    if ('failure' in entry) {
      errors.push(entry.failure);
      continue;
    }
    objects++;
    const { kind, source } = entry;
    const object = isOn(call.flags, 'save-config') ? withLastApplied(entry.object) : entry.object;
    if (dryRun === 'client') {
      yield* printer.show(kind, object, 'created');
      continue;
    }
    const made = createResource(call.proc.world, kind, object, {
      dryRun: dryRun === 'server',
      fieldValidation: 'Strict',
    });
    if (isApiError(made)) errors.push(refusal(made, whileDoing('creating', source)));
    else yield* printer.show(kind, made, 'created');
  }
  const status = yield* conclude(errors);
  if (errors.length === 0 && objects === 0) return yield* fail('no objects passed to create');
  return status;
}

export const create = defineVerb({
  name: 'create',
  summary: 'Create a resource from a file or from stdin',
  flags: [
    ...GENERATOR_FLAGS,
    ...FILE_FLAGS,
    { name: 'edit', bool: true },
    { name: 'raw' },
    { name: 'selector', short: 'l' },
  ],
  verbs: [
    ...LACKING.map((name) => lackingVerb(name)),
    ...[configMap, deployment, ingress, job, namespace, serviceAccount].map(generatorVerb),
    group(
      'secret',
      null,
      'Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.',
      'secret (docker-registry | generic | tls) [options]',
      secrets.map(generatorVerb),
    ),
    group(
      'service',
      'svc',
      'Create a service using a specified subcommand.',
      'service [flags] [options]',
      services.map(generatorVerb),
    ),
  ],
  *run(call) {
    const { flags } = call;
    if (isOn(flags, 'edit') && flags.values.has('raw')) return yield* fail('--raw and --edit are mutually exclusive');
    for (const name of ['edit', 'raw', 'kustomize', 'selector'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl create --${name}`);
    if (flags.args.length > 0) return yield* usage('create', `Unexpected args: [${flags.args.join(' ')}]`);
    return yield* fromFiles(call);
  },
});
