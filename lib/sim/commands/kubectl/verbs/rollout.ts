/** `kubectl rollout restart|pause|resume|status|history|undo`. Source: k8s.io/kubectl pkg/cmd/rollout, pkg/polymorphichelpers (1.33). */
import { threeWayPatch } from '../../../k8s/api/patch/diff.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { patchResource } from '../../../k8s/api/write.ts';
import { groupOf } from '../../../k8s/kinds/group.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { clone, same } from '../../../k8s/store/clone.ts';
import { getObject, listObjects, timestamp } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import type { World } from '../../../kernel/world.ts';
import { parseDuration } from '../../../text/go-duration.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { notModelled, print, printErr, waitFor } from '../../io.ts';
import { type Call, defineVerb, flagValue, SELECTOR, type Verb } from '../contract.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { type Chosen, choose } from '../write/chosen.ts';
import { complaint, conclude, type Failure, fail } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, type Printer, printerOf } from '../write/print.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const CAUSE = 'kubernetes.io/change-cause';

/** `Deployment.apps`, `ConfigMap`. */
const groupKind = (kind: Kind): string => `${kind.kind}${groupOf(kind) === '' ? '' : `.${groupOf(kind)}`}`;

/** What is said of a kind that has none of it. Kinds that make Pods are visited in vain, others not at all. */
const unvisited = (what: 'history' | 'rollbacker', kind: Kind): string =>
  `error retrieving ${what} for ${JSON.stringify(groupKind(kind))}, no visitor method exists for {${groupOf(kind)} ${kind.kind}}`;

type Step = (call: Call, chosen: Chosen, printer: Printer, server: boolean) => Io<Failure | null>;

const FLAGS = [...PRINT_FLAGS, ...FILE_FLAGS, SELECTOR, DRY_RUN];

/** A verb that works on each object in turn. */
const each = (name: string, summary: string, extra: Verb['flags'], step: Step): Verb =>
  defineVerb({
    name,
    summary,
    takesResource: true,
    flags: [...FLAGS, ...extra],
    *run(call) {
      const { flags } = call;
      if (flags.args.length === 0 && !flags.values.has('filename'))
        return yield* fail('required resource not specified');
      const dryRun = yield* dryRunOf(call);
      if (typeof dryRun === 'number') return dryRun;
      if (dryRun !== 'none') return yield* notModelled(`kubectl rollout ${name} --dry-run`);
      const printer = yield* printerOf(call, dryRun);
      if (typeof printer === 'number') return printer;
      const choice = yield* choose(call, flags.args);
      if (typeof choice === 'number') return choice;
      const { objects, errors } = choice;
      if (objects.length === 0 && errors.length === 0)
        yield* printErr(`No resources found in ${call.namespace} namespace.\n`);
      for (const chosen of objects) {
        const failure = yield* step(call, chosen, printer, false);
        if (failure) errors.push(failure);
      }
      return yield* conclude(errors);
    },
  });

const kindName = ({ kind, object }: Chosen): string =>
  `${kind.name}${kind.apiVersion.includes('/') ? `.${kind.apiVersion.split('/')[0]}` : ''} ${JSON.stringify(object.metadata.name)}`;

function send({ proc }: Call, { kind, object }: Chosen, next: KubeObject): KubeObject | Failure {
  const body = threeWayPatch(object, next, object, kind.schema);
  const { namespace, name } = object.metadata;
  const made = patchResource(proc.world, kind, namespace, name, { type: 'strategic', body });
  return isApiError(made) ? complaint(`failed to patch: ${made.message}`) : made;
}

const isFailure = (value: KubeObject | Failure): value is Failure => 'alone' in value && 'among' in value;

const restart = each('restart', 'Restart a resource', [], function* (call, chosen, printer) {
  const { kind, object } = chosen;
  if (!object.spec?.template || !['deployments', 'daemonsets', 'statefulsets'].includes(kind.name))
    return complaint(`${kindName(chosen)} restarting is not supported`);
  if (object.spec.paused)
    return complaint(`${kindName(chosen)} can't restart paused deployment (run rollout resume first)`);
  const next = clone(object);
  const meta = (next.spec.template.metadata ??= {});
  meta.annotations = { ...meta.annotations, 'kubectl.kubernetes.io/restartedAt': timestamp(call.proc.world) };
  if (same(next, object))
    return complaint(
      `failed to create patch for ${object.metadata.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
    );
  const made = send(call, chosen, next);
  if (isFailure(made)) return made;
  yield* printer.show(kind, made, 'restarted');
  return null;
});

const pausing = (name: 'pause' | 'resume', summary: string): Verb =>
  each(name, summary, [], function* (call, chosen, printer) {
    const { kind, object } = chosen;
    const paused = name === 'pause';
    const word = paused ? 'paused' : 'resumed';
    if (kind.name !== 'deployments')
      return complaint(`${kindName(chosen)} ${paused ? 'pausing' : 'resuming'} is not supported`);
    if ((object.spec?.paused ?? false) === paused)
      return complaint(`${kindName(chosen)} is ${paused ? 'already' : 'not'} paused`);
    const next = clone(object);
    if (paused) next.spec.paused = true;
    else delete next.spec.paused;
    const made = send(call, chosen, next);
    if (isFailure(made)) return made;
    yield* printer.show(kind, made, word);
    return null;
  });

/** What is said of a rollout's state, and whether it is done; or why it will not be. */
export function rolloutState(kind: Kind, o: KubeObject): { text: string; done: boolean } | { error: string } {
  const status = (o.status ?? {}) as Record<string, number>;
  const n = (field: string): number => status[field] ?? 0;
  const name = JSON.stringify(o.metadata.name);
  const observed = (o.metadata.generation ?? 0) <= n('observedGeneration');
  if (kind.name === 'deployments') {
    const wanted = o.spec?.replicas ?? 1;
    if (!observed) return { text: 'Waiting for deployment spec update to be observed...\n', done: false };
    const progressing = ((o.status?.conditions ?? []) as { type: string; reason?: string }[]).find(
      (c) => c.type === 'Progressing',
    );
    if (progressing?.reason === 'ProgressDeadlineExceeded')
      return { error: `deployment ${name} exceeded its progress deadline` };
    const start = `Waiting for deployment ${name} rollout to finish: `;
    if (n('updatedReplicas') < wanted)
      return {
        text: `${start}${n('updatedReplicas')} out of ${wanted} new replicas have been updated...\n`,
        done: false,
      };
    if (n('replicas') > n('updatedReplicas'))
      return {
        text: `${start}${n('replicas') - n('updatedReplicas')} old replicas are pending termination...\n`,
        done: false,
      };
    if (n('availableReplicas') < n('updatedReplicas'))
      return {
        text: `${start}${n('availableReplicas')} of ${n('updatedReplicas')} updated replicas are available...\n`,
        done: false,
      };
    return { text: `deployment ${name} successfully rolled out\n`, done: true };
  }
  if (kind.name === 'daemonsets') {
    if (!observed) return { text: 'Waiting for daemon set spec update to be observed...\n', done: false };
    const start = `Waiting for daemon set ${name} rollout to finish: `;
    const desired = n('desiredNumberScheduled');
    if (n('updatedNumberScheduled') < desired)
      return {
        text: `${start}${n('updatedNumberScheduled')} out of ${desired} new pods have been updated...\n`,
        done: false,
      };
    if (n('numberAvailable') < desired)
      return { text: `${start}${n('numberAvailable')} of ${desired} updated pods are available...\n`, done: false };
    return { text: `daemon set ${name} successfully rolled out\n`, done: true };
  }
  if (kind.name === 'statefulsets') {
    const wanted = o.spec?.replicas ?? 1;
    if (o.spec?.updateStrategy?.type === 'OnDelete')
      return { error: 'rollout status is only available for RollingUpdate strategy type' };
    if (!observed) return { text: 'Waiting for statefulset spec update to be observed...\n', done: false };
    if (n('readyReplicas') < wanted)
      return { text: `Waiting for ${wanted - n('readyReplicas')} pods to be ready...\n`, done: false };
    const partition = o.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
    if (partition > 0) {
      if (n('updatedReplicas') < wanted - partition)
        return {
          text: `Waiting for partitioned roll out to finish: ${n('updatedReplicas')} out of ${wanted - partition} new pods have been updated...\n`,
          done: false,
        };
      return {
        text: `partitioned roll out complete: ${n('updatedReplicas')} new pods have been updated...\n`,
        done: true,
      };
    }
    if (o.status?.updateRevision !== o.status?.currentRevision)
      return {
        text: `waiting for statefulset rolling update to complete ${n('updatedReplicas')} pods at revision ${o.status?.updateRevision}...\n`,
        done: false,
      };
    return {
      text: `statefulset rolling update complete ${n('currentReplicas')} pods at revision ${o.status?.currentRevision}...\n`,
      done: true,
    };
  }
  return { error: `no status viewer has been implemented for ${groupKind(kind)}` };
}

const status = each(
  'status',
  'Show the status of the rollout',
  [{ name: 'watch', short: 'w', bool: true }, { name: 'timeout' }, { name: 'revision' }],
  function* ({ proc, flags }, { kind, object }) {
    const { world } = proc;
    const { namespace, name, uid } = object.metadata;
    const limit = parseDuration(flagValue(flags, 'timeout') ?? '0s') ?? 0;
    const deadline = limit > 0 ? world.now + limit : null;
    const watch = flagValue(flags, 'watch') !== 'false';
    let shown = '';
    const look = (): { text: string; done: boolean } | { error: string } => {
      const now = getObject(world, kind.name, namespace, name);
      return now?.metadata.uid === uid && now ? rolloutState(kind, now) : { error: 'object has been deleted' };
    };
    for (;;) {
      const state = look();
      if ('error' in state) return complaint(state.error);
      yield* print(state.text);
      shown = state.text;
      if (state.done || !watch) return null;
      const moved = yield* waitFor(() => {
        const next = look();
        return 'error' in next || next.text !== shown;
      }, deadline);
      if (!moved) return complaint('timed out waiting for the condition');
    }
  },
);

/** A Deployment's ReplicaSets by their revision, oldest first. */
function revisions(world: World, deployment: KubeObject): [number, KubeObject][] {
  return listObjects(world, 'replicasets', { namespace: deployment.metadata.namespace ?? '' })
    .filter((s) => s.metadata.ownerReferences?.some((r) => r.uid === deployment.metadata.uid))
    .flatMap((s): [number, KubeObject][] => {
      const number = Number(s.metadata.annotations?.[REVISION] ?? Number.NaN);
      return Number.isInteger(number) ? [[number, s]] : [];
    })
    .sort(([a], [b]) => a - b);
}

const history = each('history', 'View rollout history', [{ name: 'revision' }], function* ({ proc, flags }, chosen) {
  const { kind, object } = chosen;
  if (flags.values.has('revision') || flags.values.has('output')) {
    const which = flags.values.has('revision') ? 'revision' : 'output';
    return { alone: `flatnet: not modelled: kubectl rollout history --${which}\n`, among: '' };
  }
  if (kind.name !== 'deployments') {
    if (kind.name === 'daemonsets' || kind.name === 'statefulsets')
      return { alone: `flatnet: not modelled: kubectl rollout history of ${kind.name}\n`, among: '' };
    return complaint(unvisited('history', kind));
  }
  const found = revisions(proc.world, object);
  const rows = found.map(([n, s]) => [String(n), s.metadata.annotations?.[CAUSE] ?? '<none>']);
  const text =
    found.length === 0 ? 'No rollout history found.' : alignColumns([['REVISION', 'CHANGE-CAUSE'], ...rows], 0, 2);
  yield* print(`${kind.singular}.apps/${object.metadata.name} \n${text}\n`);
  return null;
});

const undo = each('undo', 'Undo a previous rollout', [{ name: 'to-revision' }], function* (call, chosen, printer) {
  const { kind, object } = chosen;
  if (kind.name !== 'deployments') {
    if (kind.name === 'daemonsets' || kind.name === 'statefulsets')
      return { alone: `flatnet: not modelled: kubectl rollout undo of ${kind.name}\n`, among: '' };
    return complaint(unvisited('rollbacker', kind));
  }
  if (object.spec?.paused)
    return complaint(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  const found = revisions(call.proc.world, object);
  const wanted = Number(flagValue(call.flags, 'to-revision') ?? '0');
  const target = wanted === 0 ? found.at(-2) : found.find(([n]) => n === wanted);
  if (!target)
    return complaint(
      wanted === 0
        ? `no rollout history found for deployment ${JSON.stringify(object.metadata.name)}`
        : `unable to find specified revision ${wanted} in history`,
    );
  const template = clone(target[1].spec.template);
  delete template.metadata?.labels?.['pod-template-hash'];
  if (same(template, object.spec.template)) {
    yield* printer.show(kind, object, `skipped rollback (current template already matches revision ${wanted})`);
    return null;
  }
  const { namespace, name } = object.metadata;
  const made = patchResource(call.proc.world, kind, namespace, name, {
    type: 'json',
    body: [{ op: 'replace', path: '/spec/template', value: template }],
  });
  if (isApiError(made)) return complaint(`failed restoring revision ${wanted}: ${made.message}`);
  yield* printer.show(kind, made, 'rolled back');
  return null;
});

export const rollout = defineVerb({
  name: 'rollout',
  summary: 'Manage the rollout of a resource',
  flags: [],
  verbs: [
    history,
    pausing('pause', 'Mark the provided resource as paused'),
    restart,
    pausing('resume', 'Resume a paused resource'),
    status,
    undo,
  ],
  *run({ flags }) {
    if (flags.args.length > 0)
      return yield* fail(`unknown command ${JSON.stringify(flags.args[0])} for "kubectl rollout"`);
    return yield* fail('must specify one of history, pause, restart, resume, status, undo');
  },
});
