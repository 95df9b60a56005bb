/** `kubectl set image|env|serviceaccount|resources|selector`. Source: k8s.io/kubectl pkg/cmd/set (1.33). */
import { threeWayPatch } from '../../../k8s/api/patch/diff.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { patchResource } from '../../../k8s/api/write.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { clone } from '../../../k8s/store/clone.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import type { FlagSpec } from '../../../text/pflag.ts';
import { print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, flagValue, isOn, lackingVerb, SELECTOR } from '../contract.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { choose } from '../write/chosen.ts';
import { complaint, conclude, fail } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';

// biome-ignore lint/suspicious/noExplicitAny: specs are as open as the API
type Fields = Record<string, any>;

const FLAGS: FlagSpec[] = [
  ...PRINT_FLAGS,
  ...FILE_FLAGS,
  SELECTOR,
  ALL_NAMESPACES,
  DRY_RUN,
  { name: 'all', bool: true },
  { name: 'local', bool: true },
];

/** The PodSpec of a Pod or of what makes Pods. */
const podSpec = (kind: Kind, object: KubeObject): Fields | undefined =>
  kind.name === 'pods' ? object.spec : object.spec?.template?.spec;

interface Change {
  operands: string[];
  /** What is said of it: `image updated`. */
  done: string;
  /** What a refusal is said to be of. */
  failed: string;
  /** Alters the PodSpec; answers complaints, whole. */
  apply(spec: Fields): string[];
}

/** Changes every chosen object's PodSpec and sends what differs. */
function* update(call: Call, change: Change): Io<number> {
  const { proc, flags } = call;
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const local = isOn(flags, 'local');
  const choice = yield* choose(call, change.operands, { all: true, local });
  if (typeof choice === 'number') return choice;
  const { errors } = choice;
  if (errors.length > 0) return yield* conclude(errors);
  for (const { kind, object } of choice.objects) {
    const next = clone(object);
    const spec = podSpec(kind, next);
    if (!spec) {
      errors.push({
        alone: `error: ${kind.name}/${object.metadata.name} the object is not a pod or does not have a pod template: *v1.${kind.kind}\n`,
        among: '',
      });
      continue;
    }
    for (const text of change.apply(spec)) errors.push({ alone: `error: ${text}\n`, among: `error: ${text}\n` });
    const body = threeWayPatch(object, next, object, kind.schema);
    if (Object.keys(body).length === 0) continue;
    if (local || dryRun === 'client') {
      yield* printer.show(kind, next, change.done, true);
      continue;
    }
    const { namespace, name } = object.metadata;
    const made = patchResource(
      proc.world,
      kind,
      namespace,
      name,
      { type: 'strategic', body },
      { dryRun: dryRun === 'server' },
    );
    if (isApiError(made)) errors.push(complaint(`${change.failed} ${made.message}`));
    else yield* printer.show(kind, made, change.done, true);
  }
  return yield* conclude(errors);
}

const isPair = (word: string): boolean => word.includes('=') || (word.endsWith('-') && word.length > 1);

function* misuse(call: Call, operands: readonly string[], what: string | null): Io<number | null> {
  const texts: string[] = [];
  if (isOn(call.flags, 'all') && call.flags.values.has('selector'))
    texts.push('cannot set --all and --selector at the same time');
  if (operands.length === 0 && !call.flags.values.has('filename'))
    texts.push('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (what !== null) texts.push(what);
  if (texts.length === 0) return null;
  if (texts.length === 1) return yield* fail(texts[0] as string);
  yield* printErr(texts.map((t) => `${t}\n`).join(''));
  return 1;
}

const image = defineVerb({
  name: 'image',
  summary: 'Update the image of a pod template',
  takesResource: true,
  flags: FLAGS,
  *run(call) {
    const { args } = call.flags;
    // The client asks the server for the objects before it looks at the rest.
    if (args.length === 0 && !call.flags.values.has('filename')) return (yield* choose(call, [])) as number;
    const pairs = args.filter((a) => a.includes('='));
    const operands = args.filter((a) => !a.includes('='));
    const images = pairs.map((p) => p.split(/=(.*)/s, 2) as [string, string]);
    const wild = images.length > 1 && images.some(([n]) => n === '*');
    const wrong = yield* misuse(
      call,
      operands,
      images.length === 0
        ? 'at least one image update is required'
        : wild
          ? 'all containers are already specified by *, but saw more than one container_name=container_image pairs'
          : null,
    );
    if (wrong !== null) return wrong;
    return yield* update(call, {
      operands,
      done: 'image updated',
      failed: 'failed to patch image update to pod template:',
      apply(spec) {
        const complaints: string[] = [];
        for (const [name, value] of images) {
          const all = [...((spec.initContainers ?? []) as Fields[]), ...((spec.containers ?? []) as Fields[])];
          const meant = all.filter((c) => name === '*' || c.name === name);
          for (const container of meant) container.image = value;
          if (meant.length === 0) complaints.push(`unable to find container named ${JSON.stringify(name)}`);
        }
        return complaints;
      },
    });
  },
});

/** Containers that -c means: names, with `*` as a wildcard. */
const selected = (spec: Fields, pattern: string): Fields[] => {
  const test = new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  return ((spec.containers ?? []) as Fields[]).filter((c) => test.test(c.name));
};

const env = defineVerb({
  name: 'env',
  summary: 'Update environment variables on a pod template',
  takesResource: true,
  flags: [
    ...FLAGS,
    { name: 'containers', short: 'c' },
    { name: 'env', short: 'e' },
    { name: 'from' },
    { name: 'keys' },
    { name: 'list', bool: true },
    { name: 'overwrite', bool: true },
    { name: 'prefix' },
    { name: 'resolve', bool: true },
  ],
  *run(call) {
    const { flags } = call;
    const first = flags.args.findIndex(isPair);
    const operands = first < 0 ? flags.args : flags.args.slice(0, first);
    const words = [...(first < 0 ? [] : flags.args.slice(first)), ...(flags.values.get('env') ?? [])];
    if (words.some((w) => !isPair(w)))
      return yield* fail(`all resources must be specified before environment changes: ${flags.args.join(' ')}`);
    for (const name of ['from', 'keys', 'prefix', 'resolve'])
      if (flags.values.has(name)) return yield* lackingVerb(`set env --${name}`).run(call);
    const list = isOn(flags, 'list');
    const wrong = yield* misuse(call, operands, null);
    if (wrong !== null) return wrong;
    if (list && flags.values.has('output')) return yield* fail('--list and --output may not be specified together');
    const pattern = flagValue(flags, 'containers') ?? '*';
    const texts: string[] = [];
    if (list) {
      const choice = yield* choose(call, operands, { all: true });
      if (typeof choice === 'number') return choice;
      for (const { kind, object } of choice.objects)
        for (const container of selected(podSpec(kind, object) ?? {}, pattern)) {
          texts.push(`# ${kind.kind} ${object.metadata.name}, container ${container.name}\n`);
          for (const variable of (container.env ?? []) as Fields[])
            texts.push(
              variable.valueFrom
                ? `# ${variable.name} from ${reference(variable.valueFrom)}\n`
                : `${variable.name}=${variable.value ?? ''}\n`,
            );
        }
      yield* print(texts.join(''));
      return yield* conclude(choice.errors);
    }
    return yield* update(call, {
      operands,
      done: 'env updated',
      failed: 'failed to patch env update to pod template:',
      apply(spec) {
        for (const container of selected(spec, pattern)) {
          let variables = ((container.env ?? []) as Fields[]).slice();
          for (const word of words) {
            if (!word.includes('=')) variables = variables.filter((v) => v.name !== word.slice(0, -1));
            else {
              const [name = '', value = ''] = word.split(/=(.*)/s, 2);
              const known = variables.findIndex((v) => v.name === name);
              const variable = { name, ...(value === '' ? {} : { value }) };
              if (known < 0) variables.push(variable);
              else variables[known] = variable;
            }
          }
          if (variables.length > 0) container.env = variables;
          else delete container.env;
        }
        return [];
      },
    });
  },
});

function reference(from: Fields): string {
  if (from.configMapKeyRef) return `configmap ${from.configMapKeyRef.name}, key ${from.configMapKeyRef.key}`;
  if (from.secretKeyRef) return `secret ${from.secretKeyRef.name}, key ${from.secretKeyRef.key}`;
  if (from.fieldRef) return `field path ${from.fieldRef.fieldPath}`;
  return 'invalid valueFrom';
}

const serviceAccount = defineVerb({
  name: 'serviceaccount',
  aliases: ['sa'],
  summary: 'Update the service account of a resource',
  takesResource: true,
  flags: FLAGS,
  *run(call) {
    const { args } = call.flags;
    if (args.length === 0) return yield* fail('serviceaccount is required');
    const name = args.at(-1) as string;
    return yield* update(call, {
      operands: args.slice(0, -1),
      done: 'serviceaccount updated',
      failed: 'failed to patch ServiceAccountName',
      apply(spec) {
        spec.serviceAccountName = name;
        spec.serviceAccount = name;
        return [];
      },
    });
  },
});

function amounts(text: string | undefined): Record<string, string> | { error: string } {
  const out: Record<string, string> = {};
  for (const part of (text ?? '').split(',').filter((p) => p !== '')) {
    const [name = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined)
      return { error: `Invalid argument syntax ${part}, expected <resource>=<value>` };
    out[name] = value;
  }
  return out;
}

const resources = defineVerb({
  name: 'resources',
  summary: 'Update resource requests/limits on objects with pod templates',
  takesResource: true,
  flags: [...FLAGS, { name: 'containers', short: 'c' }, { name: 'limits' }, { name: 'requests' }],
  *run(call) {
    const { flags } = call;
    if (!flags.values.has('limits') && !flags.values.has('requests'))
      return yield* fail('you must specify an update to requests or limits (in the form of --requests/--limits)');
    const limits = amounts(flagValue(flags, 'limits'));
    const requests = amounts(flagValue(flags, 'requests'));
    for (const found of [limits, requests]) if ('error' in found) return yield* fail(String(found.error));
    const pattern = flagValue(flags, 'containers') ?? '*';
    return yield* update(call, {
      operands: flags.args,
      done: 'resource requirements updated',
      failed: 'failed to patch resources update to pod template',
      apply(spec) {
        const containers = selected(spec, pattern);
        for (const container of containers) {
          container.resources ??= {};
          for (const [field, values] of Object.entries({ limits, requests }))
            for (const [name, value] of Object.entries(values)) {
              container.resources[field] ??= {};
              if (/^0+$/.test(value)) delete container.resources[field][name];
              else container.resources[field][name] = value;
            }
        }
        return containers.length > 0 ? [] : [`unable to find container named ${pattern}`];
      },
    });
  },
});

export const set = defineVerb({
  name: 'set',
  summary: 'Set specific features on objects',
  flags: [],
  verbs: [env, image, resources, lackingVerb('selector'), serviceAccount, lackingVerb('subject')],
  *run({ flags }) {
    if (flags.args.length > 0) return yield* fail(`unknown command ${JSON.stringify(flags.args[0])} for "kubectl set"`);
    yield* print(
      'Configure application resources.\n\n These commands help you make changes to existing application resources.\n\nAvailable Commands:\n  env              Update environment variables on a pod template\n  image            Update the image of a pod template\n  resources        Update resource requests/limits on objects with pod templates\n  selector         Set the selector on a resource\n  serviceaccount   Update the service account of a resource\n  subject          Update the user, group, or service account in a role binding or cluster role binding\n\nUsage:\n  kubectl set SUBCOMMAND [options]\n\nUse "kubectl set <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).\n',
    );
    return 0;
  },
});
