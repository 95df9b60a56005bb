/** Reading manifests from files and standard input. */
import { groupOf, type Kind, type Resource, resourceOfKind } from '../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { isRecord } from '../../text/record.ts';
import { parseYaml } from '../../text/yaml.ts';
import { readAll } from '../io.ts';

export interface Manifest {
  resource: Kind;
  object: KubeObject;
}

export type ManifestResult = { ok: true; manifests: Manifest[] } | { ok: false; error: string };

function toManifest(value: unknown, source: string, namespace: string): Manifest | string {
  if (!isRecord(value))
    return `error: error parsing ${source}: json: cannot unmarshal into Go value of type runtime.Object`;
  const { kind, apiVersion, metadata } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return `error: error validating "${source}": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false`;
  if (typeof kind !== 'string' || kind === '')
    return `error: error validating "${source}": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false`;
  const resource = resourceOfKind(kind, apiVersion);
  if (!resource) {
    const name = isRecord(metadata) ? String(metadata.name ?? '') : '';
    return `error: resource mapping not found for name: "${name}" namespace: "" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`;
  }
  const meta = isRecord(metadata) ? { ...metadata } : {};
  if (typeof meta.name !== 'string' && typeof meta.generateName !== 'string')
    return `error: error when retrieving current configuration of:\nResource: "${apiVersion}, Resource=${resource.name}", GroupVersionKind: "${apiVersion}, Kind=${kind}"\nName: "", Namespace: "${namespace}"\nfrom server for: "${source}": resource name may not be empty`;
  meta.name = String(meta.name ?? '');
  if (resource.namespaced) meta.namespace ??= namespace;
  return { resource, object: { ...value, apiVersion, kind, metadata: meta } as unknown as KubeObject };
}

/** All objects of a file (`-` is standard input), lists taken apart. */
export function* readManifests(proc: Proc, file: string, namespace: string): Io<ManifestResult> {
  const source = file === '-' ? 'STDIN' : file;
  let text: string;
  if (file === '-') text = yield* readAll();
  else {
    const read = vfsOf(proc).readFile(file);
    if (!read.ok)
      return {
        ok: false,
        error: `error: the path "${file}" ${read.errno === 'ENOENT' ? 'does not exist' : 'cannot be accessed: ' + read.errno}`,
      };
    text = read.value;
  }
  const parsed = parseYaml(text);
  if (!parsed.ok)
    return {
      ok: false,
      error: `error: error parsing ${source}: error converting YAML to JSON: yaml: line ${parsed.line}: ${parsed.error}`,
    };
  if (parsed.documents.length === 0) return { ok: false, error: 'error: no objects passed to apply' };
  const manifests: Manifest[] = [];
  for (const document of parsed.documents) {
    const items =
      isRecord(document) && document.kind === 'List' && Array.isArray(document.items)
        ? (document.items as unknown[])
        : [document];
    for (const item of items) {
      const manifest = toManifest(item, source, namespace);
      if (typeof manifest === 'string') return { ok: false, error: manifest };
      manifests.push(manifest);
    }
  }
  return { ok: true, manifests };
}

/** `service/web`, `deployment.apps/web`: what apply and create say. */
export const said = (resource: Resource, name: string): string =>
  `${resource.singular}${groupOf(resource) ? `.${groupOf(resource)}` : ''}/${name}`;
