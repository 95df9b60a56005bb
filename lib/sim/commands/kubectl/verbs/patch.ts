/** `kubectl patch`. Source: k8s.io/kubectl pkg/cmd/patch/patch.go (1.33). */
import { jsonPatch } from '../../../k8s/api/patch/json.ts';
import { mergePatch } from '../../../k8s/api/patch/merge.ts';
import { strategicPatch } from '../../../k8s/api/patch/strategic.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { type PatchType, patchResource, type WriteOptions } from '../../../k8s/api/write.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { clone, same } from '../../../k8s/store/clone.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { vfsOf } from '../../../shell/vfs/vfs.ts';
import { errnoText } from '../../../text/strerror.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { type Call, defineVerb, flagValue, isOn } from '../contract.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { choose } from '../write/chosen.ts';
import { complaint, conclude, fail, refusal } from '../write/errors.ts';
import { printWarnings, writeOptions } from '../write/options.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';

/** The patch of -p or --patch-file; a number is the exit status after a complaint. */
function* patchOf({ proc, flags }: Call): Io<{ body: unknown } | number> {
  const text = flagValue(flags, 'patch') ?? '';
  const file = flagValue(flags, 'patch-file') ?? '';
  if (text !== '' && file !== '') return yield* fail('cannot specify --patch and --patch-file together');
  if (text === '' && file === '')
    return yield* fail('must specify --patch or --patch-file containing the contents of the patch');
  const read = file === '' ? null : vfsOf(proc).readFile(file);
  if (read && !read.ok)
    return yield* fail(`unable to read patch file: open ${file}: ${errnoText(read.errno).toLowerCase()}`);
  const parsed = parseYaml(read ? read.value : text);
  if (!parsed.ok)
    return yield* fail(`unable to parse ${JSON.stringify(text)}: yaml: line ${parsed.line}: ${parsed.error}`);
  return { body: parsed.documents[0] ?? null };
}

const NOWHERE = { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' };

/** What the client makes of it itself. */
function locally(kind: Kind, object: KubeObject, type: PatchType, body: unknown): KubeObject | { error: string } {
  if (type === 'merge') return mergePatch(clone(object), body) as KubeObject;
  if (type === 'strategic') return strategicPatch(clone(object), body, kind.schema) as KubeObject;
  const result = jsonPatch(object, body);
  return result.ok ? (result.value as KubeObject) : { error: result.error };
}

export const patch = defineVerb({
  name: 'patch',
  summary: 'Update fields of a resource',
  takesResource: true,
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    DRY_RUN,
    { name: 'local', bool: true },
    { name: 'patch', short: 'p' },
    { name: 'patch-file' },
    { name: 'subresource' },
    { name: 'type' },
  ],
  *run(call) {
    const { proc, flags } = call;
    const dryRun = yield* dryRunOf(call);
    if (typeof dryRun === 'number') return dryRun;
    // The client says nothing of a dry run here.
    const printer = yield* printerOf(call, dryRun === 'client' ? 'none' : dryRun);
    if (typeof printer === 'number') return printer;
    const given = yield* patchOf(call);
    if (typeof given === 'number') return given;
    const local = isOn(flags, 'local');
    if (local && flags.args.length > 0) return yield* fail('cannot specify --local and server resources');
    const type = (flagValue(flags, 'type') ?? 'strategic').toLowerCase();
    if (type !== 'json' && type !== 'merge' && type !== 'strategic')
      return yield* fail(
        `--type must be one of [json merge strategic], not ${JSON.stringify(flagValue(flags, 'type'))}`,
      );
    const subresource = flagValue(flags, 'subresource');
    const choice = yield* choose(call, flags.args, { local });
    if (typeof choice === 'number') return choice;
    const { objects, errors } = choice;
    for (const { kind, object } of objects) {
      if (subresource !== undefined && !kind.subresources?.includes(subresource)) {
        errors.push(refusal(NOWHERE));
        continue;
      }
      const before = clone(object);
      const options: WriteOptions = {
        ...writeOptions(call, dryRun, 'warn'),
        ...(subresource === 'status' || subresource === 'scale' ? { subresource } : {}),
      };
      const { namespace, name } = object.metadata;
      const patched =
        local || dryRun === 'client'
          ? locally(kind, object, type, given.body)
          : patchResource(proc.world, kind, namespace, name, { type, body: given.body }, options);
      yield* printWarnings(call);
      if (isApiError(patched)) errors.push(refusal(patched));
      else if ('error' in patched) errors.push(complaint(`${String(patched.error)}`));
      else yield* printer.show(kind, patched as KubeObject, same(before, patched) ? 'patched (no change)' : 'patched');
    }
    if (objects.length === 0 && errors.length === 0) return yield* fail('no objects passed to patch');
    return yield* conclude(errors);
  },
});
