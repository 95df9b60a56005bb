/**
 * Objects that files, folders and standard input give, read as the client's resource builder does: document by document, each with
 * the source it came from. Source: k8s.io/cli-runtime pkg/resource/{builder,visitor,mapper}.go.
 */
import { type Kind, resourceOfKind } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io, Proc } from '../../../kernel/process.ts';
import { vfsOf } from '../../../shell/vfs/vfs.ts';
import type { FlagSpec } from '../../../text/pflag.ts';
import { isRecord } from '../../../text/record.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { readAll } from '../../io.ts';
import { type Call, FILENAME, flagValue, isOn } from '../contract.ts';
import { complaint, type Failure } from './errors.ts';

export const FILE_FLAGS: FlagSpec[] = [
  FILENAME,
  { name: 'recursive', short: 'R', bool: true },
  { name: 'kustomize', short: 'k' },
];

/** One object of a source, or what is wrong with that part of it. */
export type Given = { source: string; kind: Kind; object: KubeObject } | { source: string; failure: Failure };

/** Whether the text is a URL that the client would fetch. */
const isUrl = (file: string): boolean => /^https?:\/\//.test(file);

/** The files that operands of -f mean, or the complaint. */
function files(proc: Proc, names: readonly string[], recursive: boolean): string[] | { failures: Failure[] } {
  const vfs = vfsOf(proc);
  const out: string[] = [];
  const failures: Failure[] = [];
  const folder = (path: string): void => {
    const inside = vfs.readdir(path);
    for (const name of inside.ok ? [...inside.value].sort() : []) {
      const at = `${path.replace(/\/$/, '')}/${name}`;
      if (vfs.isDir(at)) {
        if (recursive) folder(at);
      } else if (/\.(json|yaml|yml)$/.test(name)) out.push(at);
    }
  };
  for (const name of names) {
    if (name === '-' || isUrl(name)) out.push(name);
    else {
      const matches = /[*?[]/.test(name) && !vfs.exists(name) ? [] : [name];
      for (const path of matches) {
        const stat = vfs.stat(path);
        if (!stat.ok) {
          failures.push(
            complaint(
              stat.errno === 'ENOENT'
                ? `the path "${path}" does not exist`
                : `the path "${path}" cannot be accessed: stat ${path}: permission denied`,
            ),
          );
          continue;
        }
        if (!vfs.isDir(path)) out.push(path);
        else {
          const before = out.length;
          folder(path);
          if (out.length === before)
            failures.push(complaint(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`));
        }
      }
    }
  }
  return failures.length > 0 ? { failures } : out;
}

function kindErrors(value: Record<string, unknown>): string[] {
  const check = (field: string): string[] => {
    const found = value[field];
    if (found === undefined || found === null || found === '') return [`${field} not set`];
    return typeof found === 'string' ? [] : [`${field} is not string type`];
  };
  return [...check('apiVersion'), ...check('kind')];
}

export interface ReadOptions {
  namespace: string;
  /** Whether -n was given: objects of other namespaces are refused. */
  enforce: boolean;
  validate: boolean;
}

function* objects(value: unknown, source: string, options: ReadOptions): Generator<Given> {
  const wrong = (text: string): Given => ({ source, failure: complaint(text) });
  if (!isRecord(value)) {
    yield wrong(
      `error validating "${source}": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
    return;
  }
  const problems = kindErrors(value);
  if (problems.length > 0) {
    const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    if (options.validate)
      yield wrong(
        `error validating "${source}": error validating data: ${text}; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    else {
      const json = JSON.stringify(value);
      yield wrong(
        problems.some((p) => p.startsWith('kind'))
          ? `unable to decode "${source}": Object 'Kind' is missing in '${json}'`
          : `unable to decode "${source}": Object 'apiVersion' is missing in '${json}'`,
      );
    }
    return;
  }
  const { apiVersion, kind } = value as { apiVersion: string; kind: string };
  if (kind.endsWith('List') && Array.isArray(value.items) && !resourceOfKind(kind, apiVersion)) {
    for (const item of value.items as unknown[]) {
      const whole = isRecord(item) && kind !== 'List' ? { apiVersion, kind: kind.slice(0, -4), ...item } : item;
      yield* objects(whole, source, { ...options, validate: false });
    }
    return;
  }
  const meta = isRecord(value.metadata) ? value.metadata : {};
  const found = resourceOfKind(kind, apiVersion);
  if (!found) {
    yield wrong(
      `resource mapping not found for name: "${String(meta.name ?? '')}" namespace: "${String(meta.namespace ?? '')}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
    );
    return;
  }
  const own = typeof meta.namespace === 'string' ? meta.namespace : '';
  if (found.namespaced && options.enforce && own !== '' && own !== options.namespace) {
    yield wrong(
      `the namespace from the provided object "${own}" does not match the namespace "${options.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    );
    return;
  }
  const metadata = found.namespaced ? { ...meta, namespace: own === '' ? options.namespace : own } : { ...meta };
  yield {
    source,
    kind: found,
    object: { ...value, metadata: { ...metadata, name: String(meta.name ?? '') } } as KubeObject,
  };
}

/** Every object of -f, in order. Null when -f was not given. */
export function* readFiles(call: Call): Io<Given[] | null> {
  const { proc, flags, namespace } = call;
  const names = (flags.values.get('filename') ?? []).flatMap((f) => f.split(','));
  if (names.length === 0) return null;
  const paths = files(proc, names, isOn(flags, 'recursive'));
  if ('failures' in paths) return paths.failures.map((failure) => ({ source: '', failure }));
  const validate = !['false', 'ignore'].includes(flagValue(flags, 'validate') ?? 'strict');
  const options: ReadOptions = { namespace, enforce: flags.values.has('namespace'), validate };
  const out: Given[] = [];
  for (const path of paths) {
    const source = path === '-' ? 'STDIN' : path;
    if (isUrl(path)) {
      const host = /^https?:\/\/([^/:]+)/.exec(path)?.[1] ?? '';
      out.push({
        source,
        failure: complaint(`unable to read URL "${path}": Get "${path}": dial tcp: lookup ${host}: no such host`),
      });
      continue;
    }
    const read = path === '-' ? null : vfsOf(proc).readFile(path);
    if (read && !read.ok) {
      out.push({ source, failure: complaint(`open ${path}: permission denied`) });
      continue;
    }
    const text = read ? read.value : yield* readAll();
    const parsed = parseYaml(text);
    if (!parsed.ok) {
      out.push({
        source,
        failure: complaint(`error parsing ${source}: error converting YAML to JSON: yaml: ${parsed.message}`),
      });
      continue;
    }
    for (const document of parsed.documents) out.push(...objects(document, source, options));
  }
  return out;
}
