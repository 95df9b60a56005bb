/** `kubectl apply`. Source: k8s.io/kubectl pkg/cmd/apply/{apply,patcher}.go (1.33). */
import { META } from '../../../k8s/api/decode.ts';
import { deleteResource } from '../../../k8s/api/delete.ts';
import { threeWayPatch } from '../../../k8s/api/patch/diff.ts';
import { strategicPatch } from '../../../k8s/api/patch/strategic.ts';
import { type ApiError, isApiError } from '../../../k8s/api/status.ts';
import { createResource, patchResource } from '../../../k8s/api/write.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { struct } from '../../../k8s/kinds/schema.ts';
import { clone } from '../../../k8s/store/clone.ts';
import { getObject } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { notModelled, printErr } from '../../io.ts';
import { type Call, defineVerb, flagValue, isOn, SELECTOR } from '../contract.ts';
import { goJson, LAST_APPLIED, withLastApplied } from '../write/applied.ts';
import { FILE_FLAGS, type Given, readFiles } from '../write/builder.ts';
import { complaint, conclude, type Failure, fail, refusal, usage, whileDoing } from '../write/errors.ts';
import { printWarnings, writeOptions } from '../write/options.ts';
import { DRY_RUN, type DryRun, dryRunOf, PRINT_FLAGS, type Printer, printerOf } from '../write/print.ts';

type Source = Extract<Given, { object: KubeObject }>;

/** How the builder describes an object in errors. */
const described = ({ kind, object }: Source): string => {
  const [group = '', version = ''] = kind.apiVersion.includes('/') ? kind.apiVersion.split('/') : ['', kind.apiVersion];
  const gv = `${group}/${version}`;
  return `Resource: "${gv}, Resource=${kind.name}", GroupVersionKind: "${gv}, Kind=${kind.kind}"\nName: "${object.metadata.name}", Namespace: "${object.metadata.namespace ?? ''}"`;
};

const schemaOf = (kind: Kind) =>
  kind.schema
    ? struct(kind.kind, { apiVersion: 'string', kind: 'string', metadata: META, ...kind.schema.fields })
    : undefined;

function original(object: KubeObject): Record<string, unknown> {
  const text = object.metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

interface Outcome {
  object: KubeObject;
  done: string;
}

function* serverSide(call: Call, { kind, object }: Source, dryRun: DryRun): Io<Outcome | ApiError> {
  const { namespace, name } = object.metadata;
  const options = writeOptions(call, dryRun);
  const { proc } = call;
  const known = getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
  const made = known
    ? patchResource(
        proc.world,
        kind,
        namespace,
        name,
        { type: kind.schema ? 'strategic' : 'merge', body: object },
        options,
      )
    : createResource(proc.world, kind, object, options);
  return isApiError(made) ? made : { object: made, done: 'serverside-applied' };
}

/** Applies one object from the client's side. */
function* clientSide(call: Call, source: Source, dryRun: DryRun): Io<Outcome | { failure: Failure }> {
  const { proc, flags } = call;
  const { kind, object } = source;
  const { namespace, name } = object.metadata;
  const options = writeOptions(call, dryRun);
  const modified = withLastApplied(object);
  const known = getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
  if (!known) {
    if (dryRun === 'client') return { object: modified, done: 'created' };
    const made = createResource(proc.world, kind, modified, options);
    return isApiError(made)
      ? { failure: refusal(made, whileDoing('creating', source.source)) }
      : { object: made, done: 'created' };
  }
  if (known.metadata.annotations?.[LAST_APPLIED] === undefined)
    yield* printErr(
      `Warning: resource ${kind.name}/${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  const schema = schemaOf(kind);
  const body = threeWayPatch(
    original(known),
    modified as Record<string, unknown>,
    known as Record<string, unknown>,
    schema,
  );
  const empty = Object.keys(body).length === 0;
  let patched: KubeObject | ApiError = known;
  if (!empty)
    patched =
      dryRun === 'client'
        ? (strategicPatch(clone(known), body, schema) as KubeObject)
        : patchResource(proc.world, kind, namespace, name, { type: schema ? 'strategic' : 'merge', body }, options);
  if (isApiError(patched) && isOn(flags, 'force') && (patched.reason === 'Conflict' || patched.reason === 'Invalid')) {
    deleteResource(proc.world, kind, namespace, name, { gracePeriodSeconds: 0 });
    patched = createResource(proc.world, kind, modified, options);
  }
  if (isApiError(patched)) {
    const during = `error when applying patch:\n${goJson(body)}\nto:\n${described({ ...source, object: known })}\nfor: "${source.source}": ${whileDoing('patching', source.source)}`;
    return { failure: refusal(patched, during) };
  }
  if (patched.metadata.deletionTimestamp)
    yield* printErr(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`);
  return { object: patched, done: empty ? 'unchanged' : 'configured' };
}

function* applyAll(call: Call, given: readonly Given[], dryRun: DryRun, printer: Printer): Io<number> {
  const errors: Failure[] = [];
  const outcomes: { kind: Kind; object: KubeObject; done: string }[] = [];
  let objects = 0;
  for (const entry of given) if ('failure' in entry) errors.push(entry.failure);
  for (const entry of given) {
    if ('failure' in entry) continue;
    objects++;
    const { kind, object, source } = entry;
    if (object.metadata.name === '') {
      const { generateName } = object.metadata;
      errors.push(
        complaint(
          generateName
            ? `from ${generateName}: cannot use generate name with apply`
            : `error when retrieving current configuration of:\n${described(entry)}\nfrom server for: "${source}": resource name may not be empty`,
        ),
      );
      continue;
    }
    let outcome: Outcome | { failure: Failure };
    if (isOn(call.flags, 'server-side')) {
      const made = yield* serverSide(call, entry, dryRun);
      outcome = isApiError(made) ? { failure: refusal(made) } : made;
    } else outcome = yield* clientSide(call, entry, dryRun);
    if ('failure' in outcome) {
      errors.push(outcome.failure);
      continue;
    }
    yield* printWarnings(call);
    if (printer.formatted) outcomes.push({ kind, ...outcome });
    else yield* printer.show(kind, outcome.object, outcome.done);
  }
  if (objects === 0 && errors.length === 0) return yield* fail('no objects passed to apply');
  if (errors.length === 0) yield* printer.showAll(outcomes);
  return yield* conclude(errors);
}

export const apply = defineVerb({
  name: 'apply',
  summary: 'Apply a configuration to a resource by file name or stdin',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR,
    DRY_RUN,
    { name: 'all', bool: true },
    { name: 'field-manager' },
    { name: 'force', bool: true },
    { name: 'force-conflicts', bool: true },
    { name: 'overwrite', bool: true },
    { name: 'prune', bool: true },
    { name: 'server-side', bool: true },
    { name: 'validate', bare: 'strict' },
    { name: 'wait', bool: true },
  ],
  *run(call) {
    const { flags } = call;
    for (const name of ['kustomize', 'prune', 'selector', 'wait'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl apply --${name}`);
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    if (isOn(flags, 'force-conflicts') && !isOn(flags, 'server-side'))
      return yield* fail('--force-conflicts only works with --server-side');
    if (dryRun === 'client' && isOn(flags, 'server-side'))
      return yield* fail("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    if (isOn(flags, 'force') && isOn(flags, 'server-side'))
      return yield* fail('--force cannot be used with --server-side');
    if (dryRun === 'server' && isOn(flags, 'force')) return yield* fail('--dry-run=server cannot be used with --force');
    const validate = flagValue(flags, 'validate');
    if (validate !== undefined && !['true', 'false', 'strict', 'warn', 'ignore'].includes(validate))
      return yield* fail(
        `invalid - validate option ${JSON.stringify(validate)}; must be one of: strict (or true), warn, ignore (or false)`,
      );
    const printer = yield* printerOf(call, dryRun);
    if (typeof printer === 'number') return printer;
    const given = yield* readFiles(call);
    if (given === null) {
      if (flags.args.length > 0) return yield* usage('apply', `Unexpected args: [${flags.args.join(' ')}]`);
      return yield* fail('must specify one of -f and -k');
    }
    if (flags.args.length > 0) return yield* usage('apply', `Unexpected args: [${flags.args.join(' ')}]`);
    return yield* applyAll(call, given, dryRun, printer);
  },
});
