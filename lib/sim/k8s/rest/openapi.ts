/** OpenAPI v3 of each group, as far as clients read it: kinds, their fields, and that writes take `fieldValidation`. Source: kube-openapi. */
import { META } from '../api/decode.ts';
import { aboutField, aboutType } from '../kinds/docs.ts';
import { groupOf, versionOf } from '../kinds/group.ts';
import { type Kind, resources } from '../kinds/resources.ts';
import { isList, isMap, type Scalar, type Schema, type Struct, struct } from '../kinds/schema.ts';
import { jsonAnswer, type RestAnswer } from './contract.ts';
import { nowhere } from './status-body.ts';

const SCALARS: Record<Scalar, Record<string, unknown>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bool: { type: 'boolean' },
  quantity: { type: 'string' },
  intOrString: { type: 'string', format: 'int-or-string' },
  time: { type: 'string', format: 'date-time' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

const apiVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

const described = (text: string | undefined) => (text === undefined ? {} : { description: text });

class Components {
  readonly schemas: Record<string, unknown> = {};

  of(schema: Schema): Record<string, unknown> {
    if (typeof schema === 'string') return { ...SCALARS[schema] };
    if (isList(schema))
      return {
        type: 'array',
        items: this.of(schema.list),
        ...(schema.key === undefined
          ? { 'x-kubernetes-list-type': 'atomic' }
          : schema.key === ''
            ? { 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' }
            : {
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': [schema.key],
                'x-kubernetes-patch-strategy': 'merge',
                'x-kubernetes-patch-merge-key': schema.key,
              }),
      };
    if (isMap(schema)) return { type: 'object', additionalProperties: this.of(schema.map) };
    return { allOf: [{ $ref: `#/components/schemas/${this.name(schema)}` }], default: {} };
  }

  name(schema: Struct): string {
    const name = `io.k8s.api.${schema.type}`;
    if (!(name in this.schemas)) {
      this.schemas[name] = {};
      this.schemas[name] = this.body(schema);
    }
    return name;
  }

  body(schema: Struct): Record<string, unknown> {
    return {
      type: 'object',
      ...described(aboutType(schema.type)),
      ...(schema.required ? { required: schema.required } : {}),
      properties: Object.fromEntries(
        Object.entries(schema.fields).map(([field, of]) => [
          field,
          { ...this.of(of), ...described(aboutField(schema.type, field)) },
        ]),
      ),
    };
  }
}

function pathsOf(kind: Kind, ref: string): [string, unknown][] {
  const [group, version] = [groupOf(kind), versionOf(kind)];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const base = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.name}`;
  const gvk = { 'x-kubernetes-group-version-kind': { group, version, kind: kind.kind } };
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const content = { content: { 'application/json': { schema: { $ref: `#/components/schemas/${ref}` } } } };
  const write = (action: string) => ({
    ...gvk,
    'x-kubernetes-action': action,
    parameters,
    requestBody: content,
    responses: { 200: { description: 'OK', ...content } },
  });
  return [
    [base, { get: { ...gvk, 'x-kubernetes-action': 'list' }, post: write('post') }],
    [`${base}/{name}`, { get: { ...gvk, 'x-kubernetes-action': 'get' }, put: write('put'), patch: write('patch') }],
  ];
}

/** The older document, as protobuf: `swagger: 2.0`, a title and a version, no paths. Clients that find a kind neither here nor in v3 go on without. */
const OPENAPI_V2: RestAnswer = {
  status: 200,
  contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  body: '\n\x032.0\x12\x12\n\nKubernetes\x12\x04v1.0',
  warnings: [],
};

/** `/openapi/v3` and the document of one group and version; null when the path is another. */
export function openapi(path: string): RestAnswer | null {
  if (!path.startsWith('/openapi/')) return null;
  const key = (k: Kind): string => {
    const group = groupOf(k);
    return group === '' ? `api/${versionOf(k)}` : `apis/${group}/${versionOf(k)}`;
  };
  if (path === '/openapi/v2') return OPENAPI_V2;
  if (path === '/openapi/v3')
    return jsonAnswer(200, {
      paths: Object.fromEntries(
        [...new Set(resources.map(key))].map((k) => [k, { serverRelativeURL: `/openapi/v3/${k}?hash=1` }]),
      ),
    });
  const kinds = resources.filter((k) => path === `/openapi/v3/${key(k)}`);
  const [first] = kinds;
  if (!first) return nowhere();
  const components = new Components();
  const paths: [string, unknown][] = [];
  for (const kind of kinds) {
    const whole = struct(
      kind.kind,
      {
        apiVersion: 'string',
        kind: 'string',
        metadata: META,
        ...(kind.schema?.fields ?? {}),
      },
      kind.schema ?? {},
    );
    const name = `io.k8s.api.${groupOf(kind) || 'core'}.${versionOf(kind)}.${kind.kind}`;
    components.schemas[name] = {
      ...components.body({
        ...whole,
        fields: { apiVersion: 'string', kind: 'string', metadata: META, ...(kind.schema?.fields ?? {}) },
      }),
      'x-kubernetes-group-version-kind': [{ group: groupOf(kind), version: versionOf(kind), kind: kind.kind }],
      ...(kind.schema ? {} : { 'x-kubernetes-preserve-unknown-fields': true }),
    };
    paths.push(...pathsOf(kind, name));
  }
  return jsonAnswer(200, {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: apiVersionOf(groupOf(first), versionOf(first)) },
    paths: Object.fromEntries(paths),
    components: { schemas: components.schemas },
  });
}
