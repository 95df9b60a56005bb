/** `kubectl logs`. Source: k8s.io/kubectl pkg/cmd/logs, pkg/polymorphichelpers/logsforobject.go. */
import { notFound } from '../../../k8s/api/status.ts';
import { findResource, kindOf } from '../../../k8s/kinds/resources.ts';
import { containerLog, logText } from '../../../k8s/rest/log.ts';
import { getObject, listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import type { LogLine } from '../../../kernel/world.ts';
import { notModelled, print, printErr, waitFor } from '../../io.ts';
import { type Call, defineVerb, flagValue, isOn, SELECTOR } from '../contract.ts';
import { podTarget } from '../target.ts';

const USAGE =
  "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples\n";

const ONLY_ONE = "error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples\n";

/** Lines that each Pod of a selector shows when no number is given. */
const SELECTED_TAIL = 10;

interface Source {
  pod: KubeObject;
  container: string;
  /** What names it in the Pod: `spec.containers{web}`. */
  field: string;
}

const containersOf = (pod: KubeObject): Omit<Source, 'pod'>[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    ((pod.spec?.[list] ?? []) as { name: string }[]).map((c) => ({
      container: c.name,
      field: `spec.${list}{${c.name}}`,
    })),
  );

/** The Pods that are meant, or the exit status when there are none. */
function* podsOf(call: Call): Io<KubeObject[] | number> {
  const { proc, flags, namespace } = call;
  const selector = flagValue(flags, 'selector');
  if (selector !== undefined) {
    const pods = listObjects(proc.world, 'pods', { namespace, selector });
    if (pods.length > 0) return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    yield* printErr(`No resources found in ${namespace} namespace.\n`);
    return 0;
  }
  const text = flags.args[0] as string;
  const [type = '', name] = text.split('/');
  const missing = (resource: string, of: string): string =>
    `error: error from server (NotFound): ${notFound(kindOf(resource), of).message} in namespace "${namespace}"\n`;
  const resource = name === undefined ? undefined : findResource(type);
  if (resource && !getObject(proc.world, resource.name, resource.namespaced ? namespace : undefined, name as string)) {
    yield* printErr(missing(resource.name, name as string));
    return 1;
  }
  const target = podTarget(proc.world, namespace, text, 'get the logs from');
  if (!target.ok) {
    yield* printErr(`${target.error}\n`);
    return 1;
  }
  const pod = getObject(proc.world, 'pods', namespace, target.name);
  if (!pod) {
    yield* printErr(missing('pods', target.name));
    return 1;
  }
  if (target.candidates > 1 && !isOn(flags, 'all-pods'))
    yield* printErr(`Found ${target.candidates} pods, using pod/${target.name}\n`);
  return [pod];
}

const ANNOTATION = 'kubectl.kubernetes.io/default-container';

/** The containers of a Pod that are meant, or the client's complaint. */
function* sourcesOf({ flags }: Call, pod: KubeObject): Io<Source[] | number> {
  const all = containersOf(pod);
  if (isOn(flags, 'all-containers')) return all.map((c) => ({ pod, ...c }));
  const wanted = flagValue(flags, 'container') ?? flags.args[1];
  if (wanted !== undefined) {
    const found = all.find((c) => c.container === wanted);
    if (found) return [{ pod, ...found }];
    yield* printErr(`error: container ${wanted} is not valid for pod ${pod.metadata.name}\n`);
    return 1;
  }
  const preferred = all.find((c) => c.container === pod.metadata.annotations?.[ANNOTATION]);
  const first = preferred ?? all.find((c) => c.field.startsWith('spec.containers{'));
  if (!first) return [];
  if (!preferred && all.length > 1)
    yield* printErr(
      `Defaulted container "${first.container}" out of: ${all.map((c) => `${c.container}${c.field.startsWith('spec.init') ? ' (init)' : c.field.startsWith('spec.eph') ? ' (ephem)' : ''}`).join(', ')}\n`,
    );
  return [{ pod, ...first }];
}

function wrongUse({ flags }: Call): string | null {
  const selector = flags.values.has('selector');
  const tail = flagValue(flags, 'tail');
  if (tail !== undefined && !/^[+-]?\d+$/.test(tail))
    return `error: invalid argument ${JSON.stringify(tail)} for "--tail" flag: strconv.ParseInt: parsing ${JSON.stringify(tail)}: invalid syntax\nSee 'kubectl logs --help' for usage.\n`;
  if (selector && flags.args.length > 0) return ONLY_ONE;
  if (!selector && (flags.args.length === 0 || flags.args.length > 2)) return USAGE;
  if (flags.args.length === 2 && flags.values.has('container'))
    return 'error: only one of -c or an inline [CONTAINER] arg is allowed\n';
  const container = flagValue(flags, 'container') ?? flags.args[1];
  if (isOn(flags, 'all-containers') && container !== undefined)
    return `error: --all-containers=true should not be specified with container name ${container}\n`;
  return null;
}

export const logs = defineVerb({
  name: 'logs',
  summary: 'Print the logs for a container in a pod',
  takesPod: true,
  flags: [
    SELECTOR,
    { name: 'follow', short: 'f', bool: true },
    { name: 'container', short: 'c' },
    { name: 'tail' },
    { name: 'previous', short: 'p', bool: true },
    { name: 'since' },
    { name: 'since-time' },
    { name: 'timestamps', bool: true },
    { name: 'all-containers', bool: true },
    { name: 'all-pods', bool: true },
    { name: 'prefix', bool: true },
    { name: 'max-log-requests' },
    { name: 'ignore-errors', bool: true },
  ],
  *run(call): Io<number> {
    const { proc, flags, namespace } = call;
    for (const name of ['since', 'since-time', 'all-pods'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl logs --${name}`);
    const wrong = wrongUse(call);
    if (wrong !== null) {
      yield* printErr(wrong);
      return 1;
    }
    const pods = yield* podsOf(call);
    if (typeof pods === 'number') return pods;
    const sources: Source[] = [];
    for (const pod of pods) {
      const found = yield* sourcesOf(call, pod);
      if (typeof found === 'number') return found;
      sources.push(...found);
    }
    const following = isOn(flags, 'follow');
    const limit = Number(flagValue(flags, 'max-log-requests') ?? 5);
    if (following && sources.length > limit) {
      yield* printErr(
        `error: you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit\n`,
      );
      return 1;
    }
    const given = Number(flagValue(flags, 'tail') ?? (flags.values.has('selector') ? SELECTED_TAIL : -1));
    const streams: { lines: readonly LogLine[]; shown: number; prefix: string }[] = [];
    for (const { pod, container } of sources) {
      const { name } = pod.metadata;
      const lines = containerLog(proc.machine, {
        log: {
          namespace,
          name,
          container,
          previous: isOn(flags, 'previous'),
          follow: false,
          tail: null,
          timestamps: false,
        },
      });
      if (!Array.isArray(lines)) {
        const { reason, message } = lines as { reason: string; message: string };
        yield* printErr(`Error from server (${reason}): ${message}\n`);
        return 1;
      }
      const prefix = isOn(flags, 'prefix') ? `[pod/${name}/${container}] ` : '';
      streams.push({ lines, shown: given < 0 ? 0 : Math.max(0, lines.length - given), prefix });
    }
    for (;;) {
      for (const stream of streams) {
        if (stream.shown > stream.lines.length) stream.shown = 0;
        const fresh = stream.lines.slice(stream.shown);
        stream.shown = stream.lines.length;
        yield* print(
          fresh.map((line) => stream.prefix + logText(proc.world, line, isOn(flags, 'timestamps'))).join(''),
        );
      }
      if (!following) return 0;
      yield* waitFor(() => streams.some((s) => s.lines.length !== s.shown));
    }
  },
});
