/** `kubectl replace`. Source: k8s.io/kubectl pkg/cmd/replace/replace.go (1.33). */
import { deleteResource } from '../../../k8s/api/delete.ts';
import { isApiError, notFound } from '../../../k8s/api/status.ts';
import { createResource, updateResource } from '../../../k8s/api/write.ts';
import { getObject } from '../../../k8s/store/store.ts';
import { notModelled, print, waitFor } from '../../io.ts';
import { defineVerb, flagValue, isOn } from '../contract.ts';
import { said } from '../manifests.ts';
import { withLastApplied } from '../write/applied.ts';
import { FILE_FLAGS, readFiles } from '../write/builder.ts';
import { conclude, type Failure, fail, refusal, usage, whileDoing } from '../write/errors.ts';
import { printWarnings, writeOptions } from '../write/options.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';

export const replace = defineVerb({
  name: 'replace',
  summary: 'Replace a resource by file name or stdin',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    DRY_RUN,
    { name: 'cascade', bare: 'background' },
    { name: 'force', bool: true },
    { name: 'grace-period' },
    { name: 'raw' },
    { name: 'save-config', bool: true },
    { name: 'subresource' },
    { name: 'timeout' },
    { name: 'validate', bare: 'strict' },
    { name: 'wait', bool: true },
  ],
  *run(call) {
    const { proc, flags } = call;
    for (const name of ['raw', 'subresource', 'kustomize'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl replace --${name}`);
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    const printer = yield* printerOf(call, dryRun);
    if (typeof printer === 'number') return printer;
    const force = isOn(flags, 'force');
    if (Number(flagValue(flags, 'grace-period') ?? '-1') >= 0 && !force)
      return yield* fail('--grace-period must have --force specified');
    if (flags.values.has('timeout') && !force) return yield* fail('--timeout must have --force specified');
    if (force && dryRun !== 'none') return yield* fail('--dry-run can not be used when --force is set');
    const given = yield* readFiles(call);
    if (given === null) {
      if (flags.args.length > 0) return yield* usage('replace', `Unexpected args: [${flags.args.join(' ')}]`);
      return yield* fail('must specify one of -f and -k');
    }
    const errors: Failure[] = [];
    if (force) {
      const grace = Number(flagValue(flags, 'grace-period') ?? '-1');
      for (const entry of given) {
        if ('failure' in entry) continue;
        const { kind } = entry;
        const { namespace, name } = entry.object.metadata;
        const there = () => getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
        if (!there()) continue;
        deleteResource(proc.world, kind, namespace, name, {
          ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
          propagationPolicy: 'Background',
        });
        yield* print(`${said(kind, name).replace(/\/(.*)$/, ' "$1"')} ${grace === 0 ? 'force deleted' : 'deleted'}\n`);
        yield* waitFor(() => there() === undefined);
      }
    }
    let objects = 0;
    for (const entry of given) {
      if ('failure' in entry) {
        errors.push(entry.failure);
        continue;
      }
      objects++;
      const { kind, source } = entry;
      const object = isOn(flags, 'save-config') ? withLastApplied(entry.object) : entry.object;
      if (dryRun === 'client') {
        yield* printer.show(kind, object, 'replaced');
        continue;
      }
      const { namespace, name } = object.metadata;
      const options = writeOptions(call, dryRun);
      const known = getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
      const made = force
        ? createResource(proc.world, kind, object, options)
        : known
          ? updateResource(proc.world, kind, object, options)
          : notFound(kind, name);
      yield* printWarnings(call);
      if (isApiError(made)) errors.push(refusal(made, force ? '' : whileDoing('replacing', source)));
      else yield* printer.show(kind, made, 'replaced');
    }
    if (objects === 0 && errors.length === 0) return yield* fail('no objects passed to replace');
    return yield* conclude(errors);
  },
});
