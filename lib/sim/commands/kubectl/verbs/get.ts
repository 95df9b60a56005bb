import { revision } from '../../../k8s/store/store.ts';
import type { Io } from '../../../kernel/process.ts';
import { select } from '../../../text/jsonpath.ts';
import { notModelled, print, printErr, waitFor } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, FILENAME, flagValue, isOn, OUTPUT, SELECTOR } from '../contract.ts';
import { printFormat, printTables } from '../output.ts';
import { type Selection, selectObjects } from '../select.ts';

const ENDPOINTS_WARNING = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n';

function sortBy(selection: Selection, path: string): void {
  const key = (o: unknown): unknown => {
    try {
      return select([o], path.replace(/^\{|\}$/g, ''))[0];
    } catch {
      return undefined;
    }
  };
  for (const group of selection.groups) {
    group.objects.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === y) return 0;
      return (typeof x === 'number' && typeof y === 'number' ? x < y : String(x) < String(y)) ? -1 : 1;
    });
  }
}

function* empty(call: Call): Io<void> {
  yield* printErr(call.allNamespaces ? 'No resources found\n' : `No resources found in ${call.namespace} namespace.\n`);
}

export const get = defineVerb({
  name: 'get',
  summary: 'Display one or many resources',
  takesResource: true,
  flags: [
    OUTPUT,
    SELECTOR,
    ALL_NAMESPACES,
    { name: 'show-labels', bool: true },
    { name: 'no-headers', bool: true },
    { name: 'sort-by' },
    { name: 'watch', short: 'w', bool: true },
    { name: 'ignore-not-found', bool: true },
    { name: 'field-selector' },
    { name: 'label-columns', short: 'L' },
    { name: 'show-kind', bool: true },
    { name: 'raw' },
    FILENAME,
    { name: 'chunk-size' },
  ],
  *run(call) {
    const { proc, flags } = call;
    for (const name of ['raw', 'field-selector', 'label-columns', 'filename'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl get --${name}`);
    if (flags.args.length === 0) {
      yield* printErr(
        'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples\n',
      );
      return 1;
    }
    const output = flagValue(flags, 'output') ?? '';
    const find = () =>
      selectObjects(
        proc.world,
        flags.args,
        call.allNamespaces ? undefined : call.namespace,
        flagValue(flags, 'selector'),
      );
    const found = find();
    if (!found.ok) {
      yield* printErr(`${found.error}\n`);
      return 1;
    }
    const { selection } = found;
    const sort = flagValue(flags, 'sort-by');
    if (sort !== undefined) sortBy(selection, sort);
    if (selection.groups.some((g) => g.resource.name === 'endpoints')) yield* printErr(ENDPOINTS_WARNING);
    const headers = !isOn(flags, 'no-headers');
    if (output !== '' && output !== 'wide') {
      const printed = printFormat(output, selection, headers);
      if ('error' in printed) {
        yield* printErr(`${printed.error}\n`);
        return 1;
      }
      if (selection.groups.length > 0 || selection.errors.length === 0) yield* print(printed.text);
    } else {
      const options = {
        wide: output === 'wide',
        namespaces: call.allNamespaces,
        labels: isOn(flags, 'show-labels'),
        headers,
        prefix: selection.many || isOn(flags, 'show-kind'),
      };
      const text = printTables(proc.world, selection.groups, options);
      if (text === '' && selection.errors.length === 0) yield* empty(call);
      yield* print(text);
      if (isOn(flags, 'watch')) yield* watch(call, find, { ...options, headers: false });
    }
    if (selection.errors.length > 0 && !isOn(flags, 'ignore-not-found')) {
      yield* printErr(`${selection.errors.join('\n')}\n`);
      return 1;
    }
    return 0;
  },
});

/** Prints a line for each object that changes, until it is interrupted. */
function* watch(
  call: Call,
  find: () => ReturnType<typeof selectObjects>,
  options: Parameters<typeof printTables>[2],
): Io<void> {
  const { world } = call.proc;
  const seen = new Map<string, string | undefined>();
  const changed = (): Selection['groups'] => {
    const found = find();
    if (!found.ok) return [];
    return found.selection.groups.map((g) => ({
      ...g,
      objects: g.objects.filter((o) => {
        const before = seen.get(o.metadata.uid ?? '');
        seen.set(o.metadata.uid ?? '', o.metadata.resourceVersion);
        return before !== o.metadata.resourceVersion;
      }),
    }));
  };
  changed();
  for (;;) {
    const at = revision(world);
    yield* waitFor(() => revision(world) !== at);
    yield* print(printTables(world, changed(), options));
  }
}
