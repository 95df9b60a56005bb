import { fieldSelector } from '../../../k8s/api/read.ts';
import { matchesSelector } from '../../../k8s/store/selector.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { strftime } from '../../../text/strftime.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { printYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, FILENAME, flagValue, isOn, OUTPUT, SELECTOR } from '../contract.ts';
import { printFormat, printJson, typedName } from '../output.ts';
import { sortObjects } from '../print/sort.ts';
import { cells, headings, printTables, type TableOptions } from '../print/table.ts';
import { getRaw } from '../raw.ts';
import { type Selection, type SelectionResult, selectFiles, selectObjects } from '../select.ts';
import { Watcher } from '../watch.ts';

const USAGE =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples\n';

const FORMATTED = (output: string): boolean => output !== '' && output !== 'wide';

function tableOptions({ flags, allNamespaces }: Call, selection: Selection): TableOptions {
  return {
    wide: flagValue(flags, 'output') === 'wide',
    namespaces: allNamespaces,
    labels: isOn(flags, 'show-labels'),
    labelColumns: (flags.values.get('label-columns') ?? []).flatMap((v) => v.split(',')),
    headers: !isOn(flags, 'no-headers'),
    prefix: selection.many || isOn(flags, 'show-kind'),
  };
}

function* refuse(message: string): Io<number> {
  yield* printErr(`${message}\n`);
  return 1;
}

/** A line of the log library that ends the client: month and day, time, process. Source: k8s.io/klog. */
const klogFatal = ({ world, info }: Call['proc'], place: string, message: string): string =>
  `F${strftime('%m%d %H:%M:%S', world.epoch + Math.floor(world.now / 1e6), 0)}.${String(world.now % 1e6).padStart(6, '0')} ${String(info.pid).padStart(7)} ${place}] ${message}`;

/** What stands in the way before anything is asked of the server, or null. */
function misuse({ flags }: Call): string | null {
  const watching = isOn(flags, 'watch') || isOn(flags, 'watch-only');
  if (flags.values.has('raw')) {
    if (watching || flags.args.length > 0 || flags.values.has('filename'))
      return watching
        ? 'error: --raw may not be specified with other flags that filter the server request or alter the output'
        : 'error: arguments may not be passed when --raw is specified';
    return null;
  }
  if (isOn(flags, 'output-watch-events') && !watching)
    return 'error: --output-watch-events option can only be used with --watch or --watch-only';
  return null;
}

/** Everything that was asked for, files and operands. */
function* find(call: Call): Io<SelectionResult> {
  const { proc, flags } = call;
  const namespace = call.allNamespaces ? undefined : call.namespace;
  const files = flags.values.get('filename') ?? [];
  if (files.length > 0) return yield* selectFiles(proc, files, call.namespace);
  return selectObjects(
    proc.world,
    flags.args,
    namespace,
    flagValue(flags, 'selector'),
    flagValue(flags, 'field-selector'),
  );
}

function* printFormatted(call: Call, output: string, selection: Selection): Io<number> {
  const { flags, proc } = call;
  const ignored = isOn(flags, 'ignore-not-found');
  const failed = selection.errors.length > 0 && !ignored;
  if (failed && selection.single) return yield* refuse(selection.errors.join('\n'));
  if (selection.named && ignored && selection.groups.length === 0) return 0;
  const printed = printFormat(proc, output, selection, {
    headers: !isOn(flags, 'no-headers'),
    sortBy: flagValue(flags, 'sort-by'),
  });
  if (printed.text !== undefined) yield* print(printed.text);
  const errors = [...(failed ? selection.errors : []), ...('error' in printed ? [printed.error] : [])];
  return errors.length > 0 ? yield* refuse(errors.join('\n')) : 0;
}

function* printAsTables(call: Call, selection: Selection): Io<number> {
  const { flags, proc, namespace } = call;
  const { groups, errors } = selection;
  const ignored = isOn(flags, 'ignore-not-found');
  const sort = flagValue(flags, 'sort-by');
  let unsorted = false;
  if (sort !== undefined) {
    // Several tables are sorted as tables, by a field that no table has.
    if (selection.named ? groups.some((g) => g.objects.length > 1) || groups.length > 1 : groups.length > 1)
      return yield* refuse(
        `error: couldn't find any field with path "{.${sort.replace(/^\{?\.?|\}$/g, '')}}" in the list of objects`,
      );
    const failures = groups.map((g) => sortObjects(g.objects, sort)).filter((f) => f !== null);
    const fatal = failures.find((f) => f.fatal);
    if (fatal) return yield* refuse(klogFatal(proc, 'sorter.go:375', fatal.message));
    unsorted = failures.length > 0;
  }
  const text = unsorted ? '' : printTables(proc.world, groups, tableOptions(call, selection));
  yield* print(text);
  if (text === '' && !ignored && errors.length === 0) {
    const inNamespace = !call.allNamespaces && groups.every((g) => g.resource.namespaced);
    yield* printErr(`No resources found${inNamespace ? ` in ${namespace} namespace.` : ''}\n`);
  }
  return errors.length > 0 && !ignored ? yield* refuse(errors.join('\n')) : 0;
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
    { name: 'watch-only', bool: true },
    { name: 'output-watch-events', bool: true },
    { name: 'ignore-not-found', bool: true },
    { name: 'field-selector' },
    { name: 'label-columns', short: 'L' },
    { name: 'show-kind', bool: true },
    { name: 'raw' },
    FILENAME,
    { name: 'chunk-size' },
    { name: 'subresource' },
    { name: 'server-print', bool: true },
  ],
  *run(call) {
    const { flags, proc } = call;
    const wrong = misuse(call);
    if (wrong !== null) return yield* refuse(wrong);
    const raw = flagValue(flags, 'raw');
    if (raw !== undefined) return yield* getRaw(proc, raw);
    const subresource = flagValue(flags, 'subresource');
    if (subresource !== undefined && subresource !== 'status')
      return yield* notModelled(`kubectl get --subresource=${subresource}`);
    if (flagValue(flags, 'server-print') === 'false') return yield* notModelled('kubectl get --server-print=false');
    if (flags.args.length === 0 && !flags.values.has('filename')) {
      yield* printErr(USAGE);
      return 1;
    }
    const found = yield* find(call);
    if (!found.ok) return yield* refuse(found.error);
    const { selection } = found;
    for (const { resource } of selection.groups)
      if (resource.deprecation) yield* printErr(`Warning: ${resource.deprecation}\n`);
    if (isOn(flags, 'watch') || isOn(flags, 'watch-only')) return yield* watch(call, selection);
    const output = flagValue(flags, 'output') ?? '';
    return FORMATTED(output) ? yield* printFormatted(call, output, selection) : yield* printAsTables(call, selection);
  },
});

/** Prints what is there, then a line for each change, until it is interrupted. */
function* watch(call: Call, selection: Selection): Io<number> {
  const { proc, flags } = call;
  const { groups, errors, named } = selection;
  if (errors.length > 0) return yield* refuse(errors.join('\n'));
  const [group] = groups;
  if (!group || groups.length > 1) return yield* refuse('error: you may only specify a single resource type');
  if (named && group.objects.length > 1)
    return yield* refuse(
      'error: watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  const { resource } = group;
  const output = flagValue(flags, 'output') ?? '';
  const withEvents = isOn(flags, 'output-watch-events');
  const options = tableOptions(call, selection);
  const widths: number[] = [];
  let headed = !options.headers;
  const show = (type: string, object: KubeObject): string => {
    if (FORMATTED(output)) {
      if (output === 'json' || output === 'yaml') {
        const value = withEvents ? { type, object } : object;
        return output === 'json' ? printJson(value) : `---\n${printYaml(value)}`;
      }
      if (output === 'name') return `${typedName({ resource }, object)}\n`;
      const printed = printFormat(
        proc,
        output,
        { groups: [{ resource, objects: [object] }], single: true },
        { headers: !headed },
      );
      headed = true;
      return printed.text ?? '';
    }
    const event = (word: string): string[] => (withEvents ? [word] : []);
    const rows = [[...event(type), ...cells(proc.world, resource, object, options)]];
    if (!headed) rows.unshift([...event('EVENT'), ...headings(resource, options)]);
    headed = true;
    return alignColumns(rows, undefined, undefined, widths);
  };
  if (!isOn(flags, 'watch-only')) {
    if (FORMATTED(output) || group.objects.length === 0)
      for (const object of group.objects) yield* print(show('ADDED', object));
    else {
      const event = (word: string): string[] => (withEvents ? [word] : []);
      const rows = group.objects.map((o) => [...event('ADDED'), ...cells(proc.world, resource, o, options)]);
      if (!headed) rows.unshift([...event('EVENT'), ...headings(resource, options)]);
      headed = true;
      yield* print(alignColumns(rows, undefined, undefined, widths));
    }
  }
  const names = new Set(named ? group.objects.map((o) => o.metadata.name) : []);
  const selector = flagValue(flags, 'selector') ?? '';
  const fields = fieldSelector(resource, flagValue(flags, 'field-selector') ?? '');
  const watcher = new Watcher(
    proc.world,
    resource,
    (o) =>
      (call.allNamespaces || !resource.namespaced || o.metadata.namespace === call.namespace) &&
      (!named || names.has(o.metadata.name)) &&
      (selector === '' || matchesSelector(o.metadata.labels ?? {}, selector)) &&
      typeof fields === 'function' &&
      fields(o),
  );
  for (;;) for (const { type, object } of yield* watcher.next()) yield* print(show(type, object));
}
