/** `kubectl scale`. Source: k8s.io/kubectl pkg/cmd/scale, pkg/scale (1.33). */
import { isApiError } from '../../../k8s/api/status.ts';
import { updateResource } from '../../../k8s/api/write.ts';
import { clone } from '../../../k8s/store/clone.ts';
import { getObject } from '../../../k8s/store/store.ts';
import { parseDuration } from '../../../text/go-duration.ts';
import { notModelled, printErr, waitFor } from '../../io.ts';
import { defineVerb, flagValue, SELECTOR } from '../contract.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { choose } from '../write/chosen.ts';
import { conclude, fail, refuse } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';
import { integer } from './create/generator.ts';

/** More than the model's nodes could ever run. */
const MOST = 1000;

export const scale = defineVerb({
  name: 'scale',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  takesResource: true,
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR,
    DRY_RUN,
    { name: 'all', bool: true },
    { name: 'current-replicas' },
    { name: 'replicas' },
    { name: 'resource-version' },
    { name: 'timeout' },
  ],
  *run(call) {
    const { proc, flags } = call;
    for (const name of ['replicas', 'current-replicas']) {
      const value = integer(call, name, `--${name}`, 'Int');
      if (typeof value === 'object' && value)
        return yield* fail(`${value.usage}\nSee 'kubectl scale --help' for usage.`);
    }
    if (!flags.values.has('replicas')) return yield* fail('required flag(s) "replicas" not set');
    const replicas = Number(flagValue(flags, 'replicas'));
    const current = Number(flagValue(flags, 'current-replicas') ?? '-1');
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    const printer = yield* printerOf(call, dryRun);
    if (typeof printer === 'number') return printer;
    if (replicas < 0)
      return yield* fail('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    if (current < -1) return yield* fail('The --current-replicas must specify an integer of -1 or greater');
    if (replicas > MOST) return yield* notModelled(`kubectl scale to more than ${MOST} replicas`);
    const choice = yield* choose(call, flags.args, { all: true });
    if (typeof choice === 'number') return choice;
    const { objects, errors } = choice;
    if (objects.length === 0) {
      const texts = errors.map((e) => e.among.replace(/^Error from server \(\w+\): /, '').trimEnd());
      return yield* fail(
        `no objects passed to scale ${texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? '<nil>')}`,
      );
    }
    for (const { kind, object } of objects) {
      const { namespace, name } = object.metadata;
      if (!kind.subresources?.includes('scale')) {
        yield* printErr('Error from server (NotFound): the server could not find the requested resource\n');
        return 1;
      }
      if (current !== -1 && object.spec?.replicas !== current)
        return yield* fail(`Expected replicas to be ${current}, was ${object.spec?.replicas}`);
      const scaled = clone(object);
      scaled.spec.replicas = replicas;
      if (dryRun !== 'client') {
        const made = updateResource(proc.world, kind, scaled, { dryRun: dryRun === 'server' });
        if (isApiError(made)) return yield* refuse(made);
      }
      const limit = dryRun === 'none' ? (parseDuration(flagValue(flags, 'timeout') ?? '0s') ?? 0) : 0;
      const synced = (): boolean => getObject(proc.world, kind.name, namespace, name)?.status?.replicas === replicas;
      if (limit > 0 && !(yield* waitFor(synced, proc.world.now + limit)))
        return yield* fail(`timed out waiting for ${JSON.stringify(name)} to be synced`);
      yield* printer.show(kind, scaled, 'scaled');
    }
    return yield* conclude(errors);
  },
});
