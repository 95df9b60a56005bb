import { listObjects } from '../../../k8s/store/store.ts';
import type { Io } from '../../../kernel/process.ts';
import { print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, FILENAME, flagValue, SELECTOR } from '../contract.ts';
import { describerOf } from '../describe/index.ts';
import { resourceOf, type Selection, selectFiles, selectObjects } from '../select.ts';

/** Texts of all that was found. */
const texts = (call: Call, groups: Selection['groups']): string[] => {
  const events = flagValue(call.flags, 'show-events') !== 'false';
  return groups.flatMap(({ resource, objects }) =>
    objects.map((o) => describerOf(resource.name)(call.proc.world, o, events)),
  );
};

/** `describe pod web` means every Pod whose name begins so, when none has just that name. */
function byPrefix(call: Call): string[] {
  const [type = '', prefix = ''] = call.flags.args;
  const resource = resourceOf(type);
  if ('error' in resource) return [];
  const objects = listObjects(call.proc.world, resource.name, resource.namespaced ? { namespace: call.namespace } : {})
    .filter((o) => o.metadata.name.startsWith(prefix))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return texts(call, [{ resource, objects }]);
}

export const describe = defineVerb({
  name: 'describe',
  summary: 'Show details of a specific resource or group of resources',
  takesResource: true,
  flags: [SELECTOR, ALL_NAMESPACES, FILENAME, { name: 'show-events', bool: true }, { name: 'chunk-size' }],
  *run(call): Io<number> {
    const { proc, flags } = call;
    const files = flags.values.get('filename') ?? [];
    if (flags.args.length === 0 && files.length === 0) {
      yield* printErr(
        'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
      return 1;
    }
    const found =
      files.length > 0
        ? yield* selectFiles(proc, files, call.namespace)
        : selectObjects(
            proc.world,
            flags.args,
            call.allNamespaces ? undefined : call.namespace,
            flagValue(flags, 'selector'),
          );
    if (!found.ok) {
      yield* printErr(`${found.error}\n`);
      return 1;
    }
    const { groups, errors, single } = found.selection;
    for (const { resource } of groups) if (resource.deprecation) yield* printErr(`Warning: ${resource.deprecation}\n`);
    if (single && errors.length > 0 && flags.args.length === 2) {
      const matching = byPrefix(call);
      if (matching.length > 0) {
        yield* print(matching.map((t) => `${t}\n`).join(''));
        return 0;
      }
    }
    const shown = texts(call, groups);
    if (shown.length === 0 && errors.length === 0)
      yield* printErr(
        call.allNamespaces ? 'No resources found\n' : `No resources found in ${call.namespace} namespace.\n`,
      );
    yield* print(shown.join('\n\n'));
    if (errors.length > 0) yield* printErr(`${errors.join('\n')}\n`);
    return errors.length > 0 ? 1 : 0;
  },
});
