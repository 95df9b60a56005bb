/** `kubectl delete`. Source: k8s.io/kubectl pkg/cmd/delete/{delete,delete_flags}.go (1.33). */
import { deleteResource } from '../../../k8s/api/delete.ts';
import { isApiError, notFound } from '../../../k8s/api/status.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { getObject } from '../../../k8s/store/store.ts';
import type { Io } from '../../../kernel/process.ts';
import { parseDuration } from '../../../text/go-duration.ts';
import { notModelled, print, printErr, waitFor } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, flagValue, isOn, SELECTOR } from '../contract.ts';
import { said } from '../manifests.ts';
import { resourceOf, selectObjects } from '../select.ts';
import { FILE_FLAGS, readFiles } from '../write/builder.ts';
import { conclude, type Failure, fail, refusal, whileDoing } from '../write/errors.ts';
import { DRY_RUN, dryRunOf } from '../write/print.ts';

interface Target {
  kind: Kind;
  namespace: string | undefined;
  name: string;
  source: string;
}

const POLICIES: Record<string, 'Background' | 'Foreground' | 'Orphan'> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
};

/** What is to be deleted. Objects that are named are not asked for first: their deletion says whether they are there. */
function* targets(call: Call, errors: Failure[]): Io<Target[] | number> {
  const { proc, flags, namespace } = call;
  const given = yield* readFiles(call);
  const out: Target[] = [];
  if (given !== null) {
    for (const entry of given) {
      if ('failure' in entry) errors.push(entry.failure);
      else {
        const { metadata } = entry.object;
        out.push({ kind: entry.kind, namespace: metadata.namespace, name: metadata.name, source: entry.source });
      }
    }
    return out;
  }
  const { args } = flags;
  if (args.length === 0) {
    yield* printErr(
      "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\n",
    );
    return 1;
  }
  const selector = flagValue(flags, 'selector');
  const fields = flagValue(flags, 'field-selector');
  const everything = isOn(flags, 'all') || selector !== undefined || fields !== undefined;
  if (args.length === 1 && !args[0]?.includes('/') && !everything)
    return yield* fail('resource(s) were provided, but no name was specified');
  if (!args.some((a) => a.includes('/')) && args.length > 1) {
    if (everything && selector !== undefined)
      return yield* fail('name cannot be provided when a selector is specified');
    for (const word of (args[0] as string).split(',')) {
      const kind = resourceOf(word);
      if ('error' in kind) {
        yield* printErr(`${kind.error}\n`);
        return 1;
      }
      for (const name of args.slice(1)) out.push({ kind, namespace, name, source: '' });
    }
    return out;
  }
  if (args.some((a) => a.includes('/'))) {
    for (const arg of args) {
      const [word = '', name = ''] = arg.split('/');
      const kind = resourceOf(word);
      if (!arg.includes('/') || 'error' in kind || name === '') break;
      out.push({ kind, namespace, name, source: '' });
    }
    if (out.length === args.length) return out;
  }
  const found = selectObjects(proc.world, args, call.allNamespaces ? undefined : namespace, selector, fields);
  if (!found.ok) {
    yield* printErr(`${found.error}\n`);
    return 1;
  }
  errors.push(...found.selection.errors.map((e) => ({ alone: `${e}\n`, among: `${e}\n` })));
  return found.selection.groups.flatMap(({ resource, objects }) =>
    objects.map((o) => ({ kind: resource, namespace: o.metadata.namespace, name: o.metadata.name, source: '' })),
  );
}

/** Seconds of grace that the flags ask for, -1 for none; or the complaint. */
function graceOf({ flags }: Call): number | { error: string } {
  const text = flagValue(flags, 'grace-period');
  let grace = text === undefined ? -1 : Number(text);
  const force = isOn(flags, 'force');
  if (isOn(flags, 'now')) {
    if (grace !== -1) return { error: '--now and --grace-period cannot be specified together' };
    grace = 1;
  }
  if (grace === 0 && !force) grace = 1;
  if (force && grace < 0) grace = 0;
  if (grace > 0 && force) return { error: '--force and --grace-period greater than 0 cannot be specified together' };
  return grace;
}

function* gone(call: Call, waited: readonly (Target & { uid: string | undefined })[]): Io<number> {
  const { world } = call.proc;
  const limit = parseDuration(flagValue(call.flags, 'timeout') ?? '0s') ?? 0;
  const deadline = limit > 0 ? world.now + limit : null;
  for (const { kind, namespace, name, uid } of waited) {
    const there = (): boolean =>
      getObject(world, kind.name, kind.namespaced ? namespace : undefined, name)?.metadata.uid === uid;
    if (there() && !(yield* waitFor(() => !there(), deadline)))
      return yield* fail(`timed out waiting for the condition on ${kind.name}/${name}`);
  }
  return 0;
}

export const remove = defineVerb({
  name: 'delete',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  takesResource: true,
  flags: [
    ...FILE_FLAGS,
    SELECTOR,
    ALL_NAMESPACES,
    DRY_RUN,
    { name: 'all', bool: true },
    { name: 'cascade', bare: 'background' },
    { name: 'field-selector' },
    { name: 'force', bool: true },
    { name: 'grace-period' },
    { name: 'ignore-not-found', bool: true },
    { name: 'interactive', short: 'i', bool: true },
    { name: 'now', bool: true },
    { name: 'output', short: 'o' },
    { name: 'raw' },
    { name: 'timeout' },
    { name: 'wait', bool: true },
  ],
  *run(call) {
    const { proc, flags } = call;
    for (const name of ['raw', 'interactive', 'kustomize'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl delete --${name}`);
    const text = flagValue(flags, 'grace-period');
    if (text !== undefined && !/^[+-]?\d+$/.test(text))
      return yield* fail(
        `invalid argument "${text}" for "--grace-period" flag: strconv.ParseInt: parsing "${text}": invalid syntax\nSee 'kubectl delete --help' for usage.`,
      );
    const policy = POLICIES[flagValue(flags, 'cascade') ?? 'background'];
    if (policy === undefined)
      return yield* fail(
        `invalid cascade value (${flagValue(flags, 'cascade')}). Must be "background", "foreground", or "orphan"`,
      );
    const grace = graceOf(call);
    if (typeof grace === 'object' && grace.error.startsWith('--now')) return yield* fail(grace.error);
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    const errors: Failure[] = [];
    const wanted = yield* targets(call, errors);
    if (typeof wanted === 'number') return wanted;
    const output = flagValue(flags, 'output') ?? '';
    if (output !== '' && output !== 'name')
      return yield* fail(`unexpected -o output mode: ${output}. We only support '-o name'`);
    if (isOn(flags, 'all') && flags.values.has('selector'))
      return yield* fail('cannot set --all and --selector at the same time');
    if (typeof grace === 'object') return yield* fail(grace.error);
    if (grace === 0)
      yield* printErr(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
      );
    const lenient = flags.values.has('ignore-not-found')
      ? isOn(flags, 'ignore-not-found')
      : isOn(flags, 'all') || flags.values.has('selector') || flags.values.has('field-selector');
    const done: (Target & { uid: string | undefined })[] = [];
    let warned = false;
    for (const target of wanted) {
      const { kind, name, namespace, source } = target;
      if (flags.values.has('namespace') && !call.allNamespaces && !kind.namespaced && !warned) {
        yield* printErr('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n');
        warned = true;
      }
      const known = getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
      const left = known
        ? dryRun === 'client'
          ? known
          : deleteResource(proc.world, kind, namespace, name, {
              ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
              propagationPolicy: policy,
              dryRun: dryRun === 'server',
            })
        : notFound(kind, name);
      if (isApiError(left)) {
        if (!(lenient && left.reason === 'NotFound'))
          errors.push(refusal(left, source === '' ? '' : whileDoing('deleting', source)));
        continue;
      }
      done.push({ ...target, uid: known?.metadata.uid });
      const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
      const line = said(kind, name);
      if (output === 'name') yield* print(`${line}\n`);
      else yield* print(`${line.replace(/\/(.*)$/, ' "$1"')} ${grace === 0 ? 'force deleted' : 'deleted'}${suffix}\n`);
    }
    if (errors.length > 0) return yield* conclude(errors);
    if (wanted.length === 0) {
      yield* print('No resources found\n');
      return 0;
    }
    const wait = flags.values.has('wait') ? isOn(flags, 'wait') : true;
    return wait && dryRun === 'none' ? yield* gone(call, done) : 0;
  },
});
