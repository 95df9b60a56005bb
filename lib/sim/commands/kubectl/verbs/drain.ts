/** `kubectl drain`. Source: k8s.io/kubectl pkg/cmd/drain, pkg/drain/{drain,filters}.go (1.33). */
import { deleteResource } from '../../../k8s/api/delete.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { kindOf } from '../../../k8s/kinds/resources.ts';
import { matchesSelector } from '../../../k8s/store/selector.ts';
import { getObject, listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { parseDuration } from '../../../text/go-duration.ts';
import { print, printErr, waitFor } from '../../io.ts';
import { type Call, defineVerb, flagValue, isOn, SELECTOR } from '../contract.ts';
import { DRY_RUN, type DryRun } from '../write/print.ts';
import { chooseNodes, setCordoned } from './nodes.ts';

interface Verdict {
  delete: boolean;
  warning?: string;
  error?: string;
}

/** Whether a Pod has to go, may stay, or stands in the way. */
function judge({ proc, flags }: Call, pod: KubeObject): Verdict {
  const owner = pod.metadata.ownerReferences?.find((r) => r.controller);
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  let verdict: Verdict = { delete: true };
  if (owner?.kind === 'DaemonSet' && !finished) {
    if (!getObject(proc.world, 'daemonsets', pod.metadata.namespace, owner.name)) {
      const text = `daemonsets.apps "${owner.name}" not found`;
      if (!isOn(flags, 'force')) return { delete: false, error: text };
      verdict = { delete: true, warning: text };
    } else
      return isOn(flags, 'ignore-daemonsets')
        ? { delete: false, warning: 'ignoring DaemonSet-managed Pods' }
        : { delete: false, error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
  }
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return { delete: false };
  const local = ((pod.spec?.volumes ?? []) as { emptyDir?: unknown }[]).some((v) => v.emptyDir);
  if (local && !finished) {
    if (!isOn(flags, 'delete-emptydir-data'))
      return { delete: false, error: 'Pods with local storage (use --delete-emptydir-data to override)' };
    verdict = { delete: true, warning: 'deleting Pods with local storage' };
  }
  if (finished || owner) return verdict;
  return isOn(flags, 'force')
    ? { delete: true, warning: 'deleting Pods that declare no controller' }
    : { delete: false, error: 'cannot delete Pods that declare no controller (use --force to override)' };
}

const full = (pod: KubeObject): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** `reason: a/b, c/d` for each reason, in the order of the reasons. */
function grouped(pods: readonly (readonly [string, KubeObject])[], start = ''): string[] {
  const groups = new Map<string, string[]>();
  for (const [reason, pod] of pods) groups.set(reason, [...(groups.get(reason) ?? []), full(pod)]);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, names]) => `${start}${reason}: ${names.join(', ')}`);
}

/** Evicts what has to go and waits until it is gone; answers what went wrong. */
function* empty(call: Call, node: string, dryRun: DryRun): Io<string[] | null> {
  const { flags, proc } = call;
  const { world } = proc;
  const selector = flagValue(flags, 'pod-selector') ?? '';
  const pods = listObjects(world, 'pods')
    .filter((p) => p.spec?.nodeName === node && (selector === '' || matchesSelector(p.metadata.labels ?? {}, selector)))
    .sort((a, b) => (full(a) < full(b) ? -1 : 1));
  const verdicts = pods.map((pod) => ({ pod, ...judge(call, pod) }));
  const wrong = grouped(
    verdicts.flatMap((v) => (v.error ? [[v.error, v.pod] as const] : [])),
    'cannot delete ',
  );
  if (wrong.length > 0) return wrong;
  const warnings = grouped(verdicts.flatMap((v) => (v.warning ? [[v.warning, v.pod] as const] : [])));
  if (warnings.length > 0) yield* printErr(`Warning: ${warnings.join('; ')}\n`);
  const leaving = verdicts.filter((v) => v.delete).map((v) => v.pod);
  const disabled = isOn(flags, 'disable-eviction');
  const grace = Number(flagValue(flags, 'grace-period') ?? '-1');
  for (const pod of leaving) {
    const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
    if (!disabled || dryRun === 'client') yield* print(`evicting pod ${full(pod)}${suffix}\n`);
    if (dryRun === 'client') continue;
    const { namespace, name } = pod.metadata;
    const left = deleteResource(world, kindOf('pods'), namespace, name, {
      ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
      dryRun: dryRun === 'server',
    });
    if (isApiError(left)) return [`error when evicting pods/"${name}" -n "${namespace}": ${left.message}`];
  }
  if (dryRun !== 'none') return null;
  const limit = parseDuration(flagValue(flags, 'timeout') ?? '0s') ?? 0;
  const deadline = limit > 0 ? world.now + limit : null;
  const waiting = new Set(leaving);
  const goneOnes = (): KubeObject[] =>
    [...waiting].filter(
      (p) => getObject(world, 'pods', p.metadata.namespace, p.metadata.name)?.metadata.uid !== p.metadata.uid,
    );
  while (waiting.size > 0) {
    if (!(yield* waitFor(() => goneOnes().length > 0, deadline)))
      return [
        `error when waiting for pod "${[...waiting][0]?.metadata.name}" in namespace "${[...waiting][0]?.metadata.namespace}" to terminate: global timeout reached: ${flagValue(flags, 'timeout')}`,
      ];
    for (const pod of goneOnes()) {
      waiting.delete(pod);
      yield* print(`pod/${pod.metadata.name} ${disabled ? 'deleted' : 'evicted'}\n`);
    }
  }
  return null;
}

export const drain = defineVerb({
  name: 'drain',
  summary: 'Drain node in preparation for maintenance',
  flags: [
    SELECTOR,
    DRY_RUN,
    { name: 'delete-emptydir-data', bool: true },
    { name: 'disable-eviction', bool: true },
    { name: 'force', bool: true },
    { name: 'grace-period' },
    { name: 'ignore-daemonsets', bool: true },
    { name: 'pod-selector' },
    { name: 'timeout' },
  ],
  *run(call) {
    const chosen = yield* chooseNodes(call, 'drain');
    if (typeof chosen === 'number') return chosen;
    const { choice, printer, dryRun } = chosen;
    for (const { object } of choice.objects) yield* setCordoned(call, object, true, printer, dryRun);
    const pending: [string, string[]][] = [];
    for (const { kind, object } of choice.objects) {
      const { name } = object.metadata;
      const wrong = yield* empty(call, name, dryRun);
      if (wrong === null) {
        yield* printer.show(kind, object, 'drained');
        continue;
      }
      const text = wrong.length === 1 ? wrong[0] : `[${wrong.join(', ')}]`;
      yield* printErr(
        `error: unable to drain node ${JSON.stringify(name)} due to error: ${text}, continuing command...\n`,
      );
      pending.push([name, wrong]);
    }
    if (pending.length === 0) return 0;
    yield* printErr(`There are pending nodes to be drained:\n${pending.map(([name]) => ` ${name}\n`).join('')}`);
    yield* printErr(pending.flatMap(([, texts]) => texts.map((t) => `${t}\n`)).join(''));
    return 1;
  },
});
