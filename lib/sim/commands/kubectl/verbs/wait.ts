/** `kubectl wait`. Source: k8s.io/kubectl pkg/cmd/wait. */
import type { Kind } from '../../../k8s/kinds/resources.ts';
import { getObject, revision } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { goText } from '../../../text/go-value.ts';
import { jsonPathValues, relaxedPath } from '../../../text/jsonpath/index.ts';
import { print, printErr, waitFor } from '../../io.ts';
import { ALL_NAMESPACES, defineVerb, FILENAME, flagValue, isOn, OUTPUT, SELECTOR } from '../contract.ts';
import { durationUs } from '../duration.ts';
import { typedName } from '../output.ts';
import { selectFiles, selectObjects } from '../select.ts';

/** Whether an object, or its absence, is what is waited for. Throws the client's complaint. */
type Condition = (object: KubeObject | undefined) => boolean;

interface StatusCondition {
  type: string;
  status: string;
  observedGeneration?: number;
}

function statusCondition(text: string): Condition {
  const [name = '', wanted = 'true'] = text.split('=', 2);
  return (object) =>
    ((object?.status?.conditions ?? []) as StatusCondition[]).some(
      (c) =>
        c.type.toLowerCase() === name.toLowerCase() &&
        c.status.toLowerCase() === wanted.toLowerCase() &&
        (c.observedGeneration ?? object?.metadata.generation ?? 0) >= (object?.metadata.generation ?? 0),
    );
}

const PATH_FORM =
  "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";

function pathCondition(text: string): Condition | { error: string } {
  const match = /^(\{[^}]*\}|[^={}]+)(?:=(.*))?$/s.exec(text);
  const path = match && relaxedPath(match[1] as string);
  if (!match || path === null) return { error: PATH_FORM };
  if (match[2] === '')
    return {
      error: "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    };
  const wanted = match[2]?.trim();
  return (object) => {
    if (!object) return false;
    const values = jsonPathValues(path, object);
    if (values.length === 0) return false;
    if (values.length > 1) throw new Error('given jsonpath expression matches more than one value');
    if (wanted === undefined) return true;
    if (typeof values[0] === 'object' && values[0] !== null)
      throw new Error('jsonpath leads to a nested object or list which is not supported');
    return goText(values[0]).trim() === wanted;
  };
}

function conditionOf(text: string): Condition | { error: string } {
  const lower = text.toLowerCase();
  if (lower === 'delete') return (object) => object === undefined;
  if (lower === 'create') return (object) => object !== undefined;
  if (text.startsWith('condition=')) return statusCondition(text.slice('condition='.length));
  if (text.startsWith('jsonpath=')) return pathCondition(text.slice('jsonpath='.length));
  return { error: `unrecognized condition: "${text}"` };
}

const NOTHING_NAMED =
  "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\n";

export const wait = defineVerb({
  name: 'wait',
  summary: 'Experimental: Wait for a specific condition on one or many resources',
  takesResource: true,
  flags: [
    OUTPUT,
    SELECTOR,
    ALL_NAMESPACES,
    FILENAME,
    { name: 'for' },
    { name: 'timeout' },
    { name: 'all', bool: true },
    { name: 'field-selector' },
  ],
  *run(call): Io<number> {
    const { proc, flags } = call;
    const { world } = proc;
    const text = flagValue(flags, 'for') ?? '';
    const condition = conditionOf(text);
    const timeout = durationUs(flagValue(flags, 'timeout') ?? '30s');
    const files = flags.values.get('filename') ?? [];
    const complaint =
      timeout === null
        ? `error: invalid argument ${JSON.stringify(flagValue(flags, 'timeout'))} for "--timeout" flag: time: invalid duration ${JSON.stringify(flagValue(flags, 'timeout'))}\nSee 'kubectl wait --help' for usage.\n`
        : 'error' in condition
          ? `error: ${condition.error}\n`
          : flags.args.length === 0 && files.length === 0
            ? NOTHING_NAMED
            : null;
    if (complaint !== null || timeout === null || 'error' in condition) {
      yield* printErr(complaint ?? '');
      return 1;
    }
    const deadline = world.now + (timeout < 0 ? 7 * 24 * 3600e6 : timeout);
    const namespace = call.allNamespaces ? undefined : call.namespace;
    const listing = isOn(flags, 'all') || flags.values.has('selector') || flags.values.has('field-selector');
    const find = () =>
      selectObjects(world, flags.args, namespace, flagValue(flags, 'selector'), flagValue(flags, 'field-selector'));
    let found = files.length > 0 ? yield* selectFiles(proc, files, call.namespace) : find();
    const lower = text.toLowerCase();
    if (found.ok && lower === 'create')
      while (
        found.ok &&
        (found.selection.errors.length > 0 || found.selection.groups.every((g) => g.objects.length === 0))
      ) {
        const at = revision(world);
        if (!(yield* waitFor(() => revision(world) !== at, deadline))) {
          yield* printErr('error: timed out waiting for the condition\n');
          return 1;
        }
        found = find();
      }
    if (!found.ok) {
      yield* printErr(`${found.error}\n`);
      return 1;
    }
    const { groups, errors, named } = found.selection;
    if (!named && !listing && lower !== 'create') {
      yield* printErr('error: resource(s) were provided, but no name was specified\n');
      return 1;
    }
    const all = groups.flatMap(({ resource, objects }) => objects.map((object) => ({ resource, object })));
    const missing = lower === 'delete' ? [] : errors;
    if (all.length === 0 && missing.length === 0) {
      if (lower === 'delete') return 0;
      yield* printErr('error: no matching resources found\n');
      return 1;
    }
    let status = 0;
    for (const { resource, object } of all) {
      const now = (): KubeObject | undefined => current(resource, object);
      const current = (kind: Kind, o: KubeObject): KubeObject | undefined => {
        const there = getObject(world, kind.name, o.metadata.namespace, o.metadata.name);
        return there?.metadata.uid === o.metadata.uid ? there : undefined;
      };
      let failure = '';
      try {
        while (!condition(now())) {
          const at = revision(world);
          if (yield* waitFor(() => revision(world) !== at, deadline)) continue;
          failure = `timed out waiting for the condition on ${resource.name}/${object.metadata.name}`;
          break;
        }
      } catch (error) {
        failure = (error as Error).message;
      }
      if (failure !== '') {
        yield* printErr(`error: ${failure}\n`);
        status = 1;
      } else if (flagValue(flags, 'output') === 'name') yield* print(`${typedName({ resource }, object)}\n`);
      else yield* print(`${typedName({ resource }, object)} condition met\n`);
    }
    if (missing.length > 0) yield* printErr(`${missing.join('\n')}\n`);
    return missing.length > 0 ? 1 : status;
  },
});
