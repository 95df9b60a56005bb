import { isApiError } from '../../../k8s/api/status.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { defineVerb, FILENAME, OUTPUT } from '../contract.ts';
import { applyManifest, readManifests, said, serverError } from '../manifests.ts';

export const apply = defineVerb({
  name: 'apply',
  summary: 'Apply a configuration to a resource by file name or stdin',
  flags: [
    FILENAME,
    OUTPUT,
    { name: 'server-side', bool: true },
    { name: 'dry-run', bare: 'unchanged' },
    { name: 'kustomize', short: 'k' },
    { name: 'prune', bool: true },
  ],
  *run({ proc, flags, namespace }) {
    for (const name of ['dry-run', 'kustomize', 'prune', 'output'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl apply --${name}`);
    const files = flags.values.get('filename') ?? [];
    if (files.length === 0) {
      yield* printErr('error: must specify one of -f and -k\n');
      return 1;
    }
    const suffix = flags.values.has('server-side') ? 'serverside-applied' : null;
    let status = 0;
    for (const file of files) {
      const read = yield* readManifests(proc, file, namespace);
      if (!read.ok) {
        yield* printErr(`${read.error}\n`);
        return 1;
      }
      for (const manifest of read.manifests) {
        const result = applyManifest(proc, manifest);
        if (isApiError(result)) {
          yield* printErr(`${serverError(result)}\n`);
          status = 1;
        } else yield* print(`${said(manifest.resource, manifest.object.metadata.name)} ${suffix ?? result}\n`);
      }
    }
    return status;
  },
});
