import { kindOf } from '../../../k8s/kinds/resources.ts';
import { ageOf } from '../../../k8s/printers/age.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import type { World } from '../../../kernel/world.ts';
import { goSort } from '../../../text/go-sort.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, flagValue, isOn, OUTPUT } from '../contract.ts';
import { printFormat } from '../output.ts';
import { resourceOf } from '../select.ts';
import { Watcher } from '../watch.ts';

const last = (e: KubeObject): string => String(e.series?.lastObservedTime ?? e.lastTimestamp ?? e.eventTime ?? '');

function seen(world: World, e: KubeObject): string {
  const first = ageOf(world, e.firstTimestamp ?? e.eventTime);
  return (e.count ?? 1) > 1 ? `${ageOf(world, e.lastTimestamp)} (x${e.count} over ${first})` : first;
}

/** The kind and name of --for, or the client's complaint. */
function subject(text: string): { kind: string; name: string } | { error: string } {
  const [type = '', name, more] = text.split('/');
  if (name === undefined || more !== undefined) return { error: `error: --for must be in resource/name form` };
  const resource = resourceOf(type);
  return 'error' in resource ? resource : { kind: resource.kind, name };
}

const HEADER = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];

function wrongUse({ flags }: Call): string | null {
  const types = (flags.values.get('types') ?? []).flatMap((t) => t.split(','));
  if (types.some((t) => !/^(normal|warning)$/i.test(t))) return 'error: valid --types are Normal or Warning';
  return flags.args.length > 0 ? `error: unknown command "${flags.args[0]}" for "kubectl events"` : null;
}

export const events = defineVerb({
  name: 'events',
  summary: 'List events',
  flags: [
    OUTPUT,
    ALL_NAMESPACES,
    { name: 'for' },
    { name: 'types' },
    { name: 'watch', short: 'w', bool: true },
    { name: 'no-headers', bool: true },
    { name: 'chunk-size' },
  ],
  *run(call): Io<number> {
    const { proc, flags, namespace, allNamespaces } = call;
    const wrong = wrongUse(call);
    const wanted = flags.values.has('for') ? subject(flagValue(flags, 'for') as string) : null;
    if (wrong !== null || (wanted && 'error' in wanted)) {
      yield* printErr(`${wrong ?? (wanted as { error: string }).error}\n`);
      return 1;
    }
    const types = (flags.values.get('types') ?? []).flatMap((t) => t.split(',')).map((t) => t.toLowerCase());
    const matches = (e: KubeObject): boolean =>
      (allNamespaces || e.metadata.namespace === namespace) &&
      (types.length === 0 || types.includes(String(e.type).toLowerCase())) &&
      (wanted === null ||
        (!('error' in wanted) && e.involvedObject?.kind === wanted.kind && e.involvedObject?.name === wanted.name));
    const row = (e: KubeObject): string[] => [
      ...(allNamespaces ? [e.metadata.namespace ?? ''] : []),
      seen(proc.world, e),
      e.type,
      e.reason,
      `${e.involvedObject?.kind}/${e.involvedObject?.name}`,
      String(e.message).trim(),
    ];
    const found = listObjects(proc.world, 'events').filter(matches);
    found.sort((a, b) => {
      const [x, y] = [`${a.metadata.namespace}/${a.metadata.name}`, `${b.metadata.namespace}/${b.metadata.name}`];
      return x < y ? -1 : 1;
    });
    goSort(found, (a, b) => last(a) < last(b));
    const watching = isOn(flags, 'watch');
    const output = flagValue(flags, 'output');
    if (found.length === 0 && !watching) {
      yield* printErr(allNamespaces ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
      return 0;
    }
    if (output !== undefined && output !== 'wide') {
      const printed = printFormat(proc, output, {
        groups: [{ resource: kindOf('events'), objects: found }],
        single: false,
      });
      yield* print(printed.text ?? '');
      if ('error' in printed) yield* printErr(`${printed.error}\n`);
      return 'error' in printed ? 1 : 0;
    }
    const header = isOn(flags, 'no-headers') ? [] : [[...(allNamespaces ? ['NAMESPACE'] : []), ...HEADER]];
    const widths: number[] = [];
    yield* print(alignColumns([...header, ...found.map(row)], undefined, undefined, widths));
    if (!watching) return 0;
    const watcher = new Watcher(proc.world, kindOf('events'), matches);
    for (;;)
      for (const { type, object } of yield* watcher.next())
        if (type !== 'DELETED') yield* print(alignColumns([row(object)], undefined, undefined, widths));
  },
});
