/** `kubectl explain`: fields as the kinds' schemas have them. Source: k8s.io/kubectl pkg/explain/v2/templates/plaintext.tmpl. */
import { META } from '../../../k8s/api/decode.ts';
import { aboutField, aboutType } from '../../../k8s/kinds/docs.ts';
import { groupOf, versionOf } from '../../../k8s/kinds/group.ts';
import { findResource, type Kind, resources } from '../../../k8s/kinds/resources.ts';
import { isList, isMap, type Scalar, type Schema, type Struct, struct } from '../../../k8s/kinds/schema.ts';
import type { Io } from '../../../kernel/process.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { defineVerb, flagValue, isOn, OUTPUT } from '../contract.ts';

const SCALARS: Record<Scalar, string> = {
  string: 'string',
  int32: 'integer',
  int64: 'integer',
  float64: 'number',
  bool: 'boolean',
  quantity: 'string',
  intOrString: 'string',
  time: 'string',
  bytes: 'string',
  any: 'Object',
};

const WIDTH = 76;

function typeOf(schema: Schema): string {
  if (typeof schema === 'string') return SCALARS[schema];
  if (isList(schema)) return `[]${typeOf(schema.list)}`;
  return isMap(schema) ? `map[string]${typeOf(schema.map)}` : schema.type;
}

/** The struct whose fields a schema leads to, through lists and maps. */
function inner(schema: Schema): Struct | null {
  if (typeof schema === 'string') return null;
  if (isList(schema)) return inner(schema.list);
  return isMap(schema) ? inner(schema.map) : schema;
}

/** Words in lines of at most 76 columns, four blanks in front. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((l) => `    ${l}\n`).join('');
}

const ordered = ({ fields }: Struct): [string, Schema][] =>
  Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

const MAX_DEPTH = 40;

function fieldTree(of: Struct, depth: number, path: readonly Struct[]): string {
  return ordered(of)
    .map(([name, schema]) => {
      const required = of.required?.includes(name) ? ' -required-' : '';
      const line = `${'  '.repeat(depth)}${name}\t<${typeOf(schema)}>${required}\n`;
      const next = inner(schema);
      return next && !path.includes(next) && depth < MAX_DEPTH
        ? line + fieldTree(next, depth + 1, [...path, next])
        : line;
    })
    .join('');
}

const fieldList = (of: Struct): string =>
  ordered(of)
    .map(([name, schema]) => {
      const required = of.required?.includes(name) ? ' -required-' : '';
      const doc = aboutField(of.type, name);
      return `  ${name}\t<${typeOf(schema)}>${required}\n${doc ? wrapped(doc) : '    <no description>\n'}\n`;
    })
    .join('');

const whole = (kind: Kind): Struct =>
  struct(
    kind.kind,
    { apiVersion: 'string', kind: 'string', metadata: META },
    kind.schema
      ? {
          ...kind.schema,
          type: kind.kind,
          fields: { apiVersion: 'string', kind: 'string', metadata: META, ...kind.schema.fields },
        }
      : {},
  );

/** The whole text, or the field that there is not. */
function explained(kind: Kind, path: readonly string[], recursive: boolean): { text: string; missing?: string } {
  const group = groupOf(kind);
  let text = `${group ? `GROUP:      ${group}\n` : ''}KIND:       ${kind.kind}\nVERSION:    ${versionOf(kind)}\n\n`;
  let schema: Schema = whole(kind);
  let docs = [aboutType(kind.schema?.type ?? kind.kind)];
  for (const name of path) {
    const within: Struct | null = inner(schema);
    const next: Schema | undefined = within?.fields[name];
    if (next === undefined) return { text, missing: path.at(-1) as string };
    docs = [aboutField(within?.type ?? '', name), aboutType(inner(next)?.type ?? '')];
    schema = next;
  }
  if (path.length > 0) text += `FIELD: ${path.at(-1)} <${typeOf(schema)}>\n\n\n`;
  const about = docs.flatMap((d) => (d === undefined ? [] : [wrapped(d)])).join('');
  text += `DESCRIPTION:\n${about === '' ? '    <empty>\n' : `${about}    \n`}`;
  const fields = inner(schema);
  if (!fields) return { text: `${text}\n` };
  return { text: `${text}FIELDS:\n${recursive ? `${fieldTree(fields, 1, [fields])}\n` : `${fieldList(fields)}\n`}` };
}

export const explain = defineVerb({
  name: 'explain',
  summary: 'Get documentation for a resource',
  takesResource: true,
  flags: [OUTPUT, { name: 'recursive', bool: true }, { name: 'api-version' }],
  *run({ flags }): Io<number> {
    const output = flagValue(flags, 'output') ?? 'plaintext';
    if (output !== 'plaintext') return yield* notModelled(`kubectl explain --output ${output}`);
    const complain = function* (text: string): Io<number> {
      yield* printErr(`${text}\n`);
      return 1;
    };
    if (flags.args.length !== 1)
      return yield* complain(
        flags.args.length === 0
          ? 'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.'
          : "error: We accept only this format: explain RESOURCE\nSee 'kubectl explain -h' for help and examples",
      );
    const [word = '', ...path] = (flags.args[0] as string).replace(/\.$/, '').split('.');
    const first = findResource(word);
    if (!first) return yield* complain(`the server doesn't have a resource type "${word}"`);
    const version = flagValue(flags, 'api-version');
    const kind =
      version === undefined ? first : resources.find((k) => k.name === first.name && k.apiVersion === version);
    if (!kind)
      return yield* complain(
        `error: couldn't find resource for "${version?.includes('/') ? version : `/${version}`}, Resource=${first.name}"`,
      );
    const { text, missing } = explained(kind, path, isOn(flags, 'recursive'));
    yield* print(text);
    return missing === undefined ? 0 : yield* complain(`error: field "${missing}" does not exist`);
  },
});
