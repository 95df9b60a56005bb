/** One request, one response. Source: k8s.io/apiserver pkg/endpoints/handlers (1.34). */
import type { World } from '../../kernel/world.ts';
import { yaml } from '../../text/yaml-port.ts';
import { type DeleteOptions, deleteResource } from '../api/delete.ts';
import { mergePatch } from '../api/patch/merge.ts';
import { fieldSelector } from '../api/read.ts';
import { badRequest, isApiError, notFound } from '../api/status.ts';
import { createResource, type PatchType, patchResource, updateResource, type WriteOptions } from '../api/write.ts';
import { matchesSelector, parseSelector } from '../store/selector.ts';
import { getObject, listObjects, revision } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { jsonAnswer, param, type RestAnswer, type RestRequest, type RestResponse } from './contract.ts';
import { discover } from './discovery.ts';
import { openapi } from './openapi.ts';
import { review } from './reviews.ts';
import { parseRoute, type Route } from './route.ts';
import { scaleOf, setScale } from './scale.ts';
import { failure, gone, notAllowed, nowhere } from './status-body.ts';
import { tableBody, wantsTable } from './table.ts';

/** Bytes of a request's body. */
export const BODY_LIMIT = 3_000_000;

const PATCH_TYPES: Record<string, PatchType | 'apply'> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

const byName = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [
    `${a.metadata.namespace ?? ''}/${a.metadata.name}`,
    `${b.metadata.namespace ?? ''}/${b.metadata.name}`,
  ];
  return x < y ? -1 : x > y ? 1 : 0;
};

function parseBody(request: RestRequest): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(request.body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    const parsed = yaml().parse(request.body);
    const [document] = parsed.ok ? parsed.documents : [];
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  }
  return null;
}

class Handler {
  private readonly warnings: string[] = [];

  constructor(
    private readonly world: World,
    private readonly request: RestRequest,
    private readonly route: Route,
    private readonly body: Record<string, unknown> | null,
  ) {}

  answer(): RestResponse {
    const { method } = this.request;
    const { kind, name, subresource } = this.route;
    if (kind.deprecation) this.warnings.push(kind.deprecation);
    if (subresource !== undefined) return this.subresource(subresource);
    if (name === undefined) {
      if (method === 'GET') return param(this.request.query, 'watch') === undefined ? this.list() : this.watch();
      if (method === 'POST') return this.create();
      return method === 'DELETE' ? this.deleteCollection() : notAllowed();
    }
    if (method === 'GET') return this.get();
    if (method === 'PUT') return this.update();
    if (method === 'PATCH') return this.patch();
    return method === 'DELETE' ? this.remove() : notAllowed();
  }

  private options(subresource?: 'status'): WriteOptions {
    const validation = param(this.request.query, 'fieldValidation');
    return {
      dryRun: param(this.request.query, 'dryRun') === 'All',
      fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
      warn: (text) => void this.warnings.push(text),
      ...(subresource ? { subresource } : {}),
    };
  }

  private one(object: KubeObject, status = 200): RestAnswer {
    const { world, request, route } = this;
    if (wantsTable(request.accept))
      return jsonAnswer(
        status,
        tableBody(world, route.kind, [object], param(request.query, 'includeObject'), {
          resourceVersion: object.metadata.resourceVersion,
        }),
        this.warnings,
      );
    return jsonAnswer(status, object, this.warnings);
  }

  private result(made: KubeObject | Parameters<typeof failure>[0], name: string, status = 200): RestAnswer {
    return isApiError(made) ? failure(made, this.route.kind, name) : this.one(made as KubeObject, status);
  }

  /** Tests by the request's selectors, or the complaint about them. */
  private matcher(): ((object: KubeObject) => boolean) | RestAnswer {
    const { query } = this.request;
    const { kind, namespace } = this.route;
    const labels = param(query, 'labelSelector') ?? '';
    if (labels !== '' && parseSelector(labels) === null)
      return failure(badRequest(`unable to parse requirement: found '${labels}'`));
    const fields = fieldSelector(kind, param(query, 'fieldSelector') ?? '');
    if ('error' in fields) return failure(badRequest(fields.error));
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (labels === '' || matchesSelector(object.metadata.labels ?? {}, labels)) &&
      fields(object);
  }

  private found(): KubeObject[] | RestAnswer {
    const matches = this.matcher();
    if (typeof matches !== 'function') return matches;
    return listObjects(this.world, this.route.kind.name).filter(matches).sort(byName);
  }

  private list(): RestAnswer {
    const { world, request } = this;
    const { kind } = this.route;
    const objects = this.found();
    if (!Array.isArray(objects)) return objects;
    const metadata = { resourceVersion: String(revision(world)) };
    if (wantsTable(request.accept))
      return jsonAnswer(
        200,
        tableBody(world, kind, objects, param(request.query, 'includeObject'), metadata),
        this.warnings,
      );
    const items = objects.map(({ apiVersion: _a, kind: _k, ...rest }) => rest);
    return jsonAnswer(200, { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items }, this.warnings);
  }

  private watch(): RestResponse {
    const { world, request } = this;
    const { kind, namespace } = this.route;
    const matches = this.matcher();
    if (typeof matches !== 'function') return matches;
    const from = param(request.query, 'resourceVersion');
    const table = wantsTable(request.accept);
    const include = param(request.query, 'includeObject');
    return {
      watch: {
        kind,
        namespace,
        from: from === undefined || from === '' || from === '0' ? null : Number(from),
        matches,
        timeout: Number(param(request.query, 'timeoutSeconds') ?? '1800') || 1800,
        encode: (type, object) =>
          `${JSON.stringify({ type, object: table ? tableBody(world, kind, [object], include, { resourceVersion: object.metadata.resourceVersion }) : object })}\n`,
      },
    };
  }

  private stored(): KubeObject | undefined {
    const { kind, namespace, name = '' } = this.route;
    return getObject(this.world, kind.name, kind.namespaced ? namespace : undefined, name);
  }

  private get(): RestAnswer {
    const object = this.stored();
    const { kind, name = '' } = this.route;
    return object ? this.one(object) : failure(notFound(kind, name), kind, name);
  }

  private given(): KubeObject | null {
    const { body } = this;
    const { kind, namespace, name } = this.route;
    if (!body) return null;
    const metadata = (body.metadata ?? {}) as KubeObject['metadata'];
    return {
      ...body,
      apiVersion: String(body.apiVersion ?? kind.apiVersion),
      kind: String(body.kind ?? kind.kind),
      metadata: {
        ...metadata,
        name: metadata.name ?? name ?? '',
        ...(kind.namespaced && namespace !== undefined ? { namespace } : {}),
      },
    };
  }

  private create(): RestAnswer {
    const { kind } = this.route;
    const object = this.given();
    if (!object) return failure(badRequest('the object provided is unrecognized'));
    if (object.kind !== kind.kind || object.apiVersion !== kind.apiVersion)
      return failure(
        badRequest(
          `${object.kind} in version "${object.apiVersion}" cannot be handled as a ${kind.kind}: no kind "${object.kind}" is registered for version "${object.apiVersion}"`,
        ),
      );
    return this.result(createResource(this.world, kind, object, this.options()), object.metadata.name, 201);
  }

  private update(subresource?: 'status'): RestAnswer {
    const object = this.given();
    if (!object) return failure(badRequest('the object provided is unrecognized'));
    return this.result(
      updateResource(this.world, this.route.kind, object, this.options(subresource)),
      object.metadata.name,
    );
  }

  private patch(subresource?: 'status'): RestAnswer {
    const { kind, namespace, name = '' } = this.route;
    const type = PATCH_TYPES[this.request.contentType.split(';')[0] ?? ''];
    if (type === undefined)
      return failure({
        code: 415,
        reason: 'UnsupportedMediaType',
        message:
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      });
    const { body } = this;
    if (!body) return failure(badRequest('invalid character in patch'));
    const options = this.options(subresource);
    if (type === 'apply') {
      const old = this.stored();
      if (!old) {
        const object = this.given();
        if (!object) return failure(badRequest('the object provided is unrecognized'));
        return this.result(createResource(this.world, kind, object, options), name, 201);
      }
      const merged = { type: kind.schema ? 'strategic' : 'merge', body } as const;
      return this.result(patchResource(this.world, kind, namespace, name, merged, options), name);
    }
    return this.result(patchResource(this.world, kind, namespace, name, { type, body }, options), name);
  }

  private deletion(): DeleteOptions {
    const { body, request } = this;
    const text = (name: string): string | undefined =>
      typeof body?.[name] === 'string' ? (body[name] as string) : param(request.query, name);
    const seconds = body?.gracePeriodSeconds ?? param(request.query, 'gracePeriodSeconds');
    const policy = text('propagationPolicy');
    const uid = (body?.preconditions as { uid?: string } | undefined)?.uid;
    const dryRun = body?.dryRun ?? request.query.get('dryRun');
    return {
      ...(seconds === undefined || seconds === null ? {} : { gracePeriodSeconds: Number(seconds) }),
      ...(policy === 'Foreground' || policy === 'Orphan' || policy === 'Background'
        ? { propagationPolicy: policy }
        : {}),
      ...(uid === undefined ? {} : { uid }),
      dryRun: Array.isArray(dryRun) && dryRun.includes('All'),
    };
  }

  private remove(): RestAnswer {
    const { kind, namespace, name = '' } = this.route;
    const left = deleteResource(this.world, kind, namespace, name, this.deletion());
    if (isApiError(left)) return failure(left, kind, name);
    return this.stored() ? this.one(left) : gone(kind, name, left.metadata.uid);
  }

  private deleteCollection(): RestAnswer {
    const { kind } = this.route;
    const objects = this.found();
    if (!Array.isArray(objects)) return objects;
    for (const { metadata } of objects)
      deleteResource(this.world, kind, metadata.namespace, metadata.name, this.deletion());
    return jsonAnswer(200, { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata: {}, items: objects });
  }

  private subresource(subresource: string): RestResponse {
    const { method, query } = this.request;
    const { kind, namespace = '', name = '' } = this.route;
    if (!kind.subresources?.includes(subresource)) return nowhere();
    const object = this.stored();
    if (!object) return failure(notFound(kind, name), kind, name);
    switch (subresource) {
      case 'status':
        if (method === 'GET') return this.get();
        if (method === 'PUT') return this.update('status');
        return method === 'PATCH' ? this.patch('status') : notAllowed();
      case 'scale':
        return this.scale(object);
      case 'exec':
      case 'attach':
      case 'portforward':
        return { stream: subresource, namespace, name, query };
      case 'log':
        return {
          log: {
            namespace,
            name,
            container: param(query, 'container'),
            previous: param(query, 'previous') === 'true',
            follow: param(query, 'follow') === 'true',
            tail: param(query, 'tailLines') === undefined ? null : Number(param(query, 'tailLines')),
            timestamps: param(query, 'timestamps') === 'true',
          },
        };
      case 'ephemeralcontainers':
        return method === 'PATCH' ? this.patch() : method === 'PUT' ? this.update() : this.get();
      case 'eviction':
        if (method !== 'POST') return notAllowed();
        deleteResource(this.world, kind, namespace, name, this.deletion());
        return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
      default:
        return notAllowed();
    }
  }

  private scale(object: KubeObject): RestAnswer {
    const { method } = this.request;
    if (method === 'GET') return jsonAnswer(200, scaleOf(object));
    if (method !== 'PUT' && method !== 'PATCH') return notAllowed();
    const wanted = method === 'PUT' ? this.body : (mergePatch(scaleOf(object), this.body) as Record<string, unknown>);
    const replicas = (wanted?.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
    const made = setScale(this.world, this.route.kind, object, replicas, this.options().dryRun === true);
    return isApiError(made) ? failure(made, this.route.kind, object.metadata.name) : jsonAnswer(200, made);
  }
}

/** Answers a request by the world's cluster. */
export function handle(world: World, request: RestRequest): RestResponse {
  if (request.body.length > BODY_LIMIT)
    return failure({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `Request entity too large: limit is ${BODY_LIMIT}`,
    });
  const known = request.method === 'GET' ? (discover(request) ?? openapi(request.path)) : null;
  if (known) return known;
  const body = request.body === '' ? null : parseBody(request);
  const reviewed = review(request, body);
  if (reviewed) return reviewed;
  const route = parseRoute(request.path);
  return route ? new Handler(world, request, route, body).answer() : nowhere();
}
