import type { Io } from '../../../kernel/process.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, defineVerb, flagValue, SELECTOR } from '../contract.ts';
import { describers } from '../describe/index.ts';
import { selectObjects } from '../select.ts';

export const describe = defineVerb({
  name: 'describe',
  summary: 'Show details of a specific resource or group of resources',
  takesResource: true,
  flags: [SELECTOR, ALL_NAMESPACES, { name: 'show-events', bool: true }],
  *run(call): Io<number> {
    const { proc, flags } = call;
    if (flags.args.length === 0) {
      yield* printErr(
        'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
      return 1;
    }
    const found = selectObjects(
      proc.world,
      flags.args,
      call.allNamespaces ? undefined : call.namespace,
      flagValue(flags, 'selector'),
    );
    if (!found.ok) {
      yield* printErr(`${found.error}\n`);
      return 1;
    }
    const { groups, errors } = found.selection;
    const texts: string[] = [];
    for (const { resource, objects } of groups) {
      const describer = describers[resource.name];
      if (!describer) return yield* notModelled(`kubectl describe ${resource.name}`);
      for (const object of objects) texts.push(describer(proc.world, object));
    }
    if (texts.length === 0 && errors.length === 0)
      yield* printErr(
        call.allNamespaces ? 'No resources found\n' : `No resources found in ${call.namespace} namespace.\n`,
      );
    yield* print(texts.join('\n\n'));
    if (errors.length > 0) yield* printErr(`${errors.join('\n')}\n`);
    return errors.length > 0 ? 1 : 0;
  },
});
