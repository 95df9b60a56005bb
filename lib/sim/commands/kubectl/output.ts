/** Formats that -o names. Source: k8s.io/cli-runtime pkg/genericclioptions, pkg/printers; k8s.io/kubectl pkg/cmd/get. */
import { groupOf } from '../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { goSyntax } from '../../text/go-value.ts';
import { goTemplate } from '../../text/gotemplate/index.ts';
import { jsonPath } from '../../text/jsonpath/index.ts';
import { sortKeys } from '../../text/record.ts';
import { printYaml } from '../../text/yaml.ts';
import { type Column, parseColumnFile, parseColumns, printColumns } from './print/columns.ts';
import { sortObjects } from './print/sort.ts';
import type { Selected, Selection } from './select.ts';

/** `deployment.apps/web`, `pod/web`. */
export const typedName = ({ resource }: Pick<Selected, 'resource'>, object: KubeObject): string =>
  `${resource.singular}${groupOf(resource) ? `.${groupOf(resource)}` : ''}/${object.metadata.name}`;

/** The List that a client makes of several objects. */
export const listOf = (objects: readonly KubeObject[]): Record<string, unknown> => ({
  apiVersion: 'v1',
  items: objects,
  kind: 'List',
  metadata: { resourceVersion: '' },
});

export const printJson = (value: unknown): string => `${JSON.stringify(sortKeys(value), null, 4)}\n`;

export type Printed = { text: string } | { error: string; text?: string };

/** Fills a JSONPath template, or tells what is wrong with it and what it was given. */
export function printJsonPath(template: string, value: unknown, json: boolean): Printed {
  const result = jsonPath(template, value, json);
  if (result.ok) return { text: result.text };
  if (result.parsing) return { error: `error: error parsing jsonpath ${template}, ${result.error}` };
  return {
    error: `error: error executing jsonpath "${template}": Error executing template: ${result.error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(value)}\n\n`,
  };
}

function printTemplate(template: string, value: unknown): Printed {
  const raw = JSON.stringify(sortKeys(value));
  const result = goTemplate(template, JSON.parse(raw) as unknown);
  if (result.ok) return { text: result.text };
  if (result.parsing) return { error: `error: error parsing template ${template}, ${result.error}` };
  return {
    text: `${result.text}Error executing template: ${result.error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\traw data was:\n\t\t${raw}\n\tobject given to template engine was:\n\t\t${result.shown}\n\n`,
    error: `error: error executing template "${template}": ${result.error}`,
  };
}

/** Formats of -o, as complaints and completion list them. */
export const FORMATS = [
  'custom-columns',
  'custom-columns-file',
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'name',
  'template',
  'templatefile',
  'wide',
  'yaml',
];

const FROM_FILE: Record<string, string> = {
  'custom-columns-file': 'error reading template',
  'jsonpath-file': 'error reading --template',
  'go-template-file': 'error reading --template',
  templatefile: 'error reading --template',
};

/** A format with its argument, read from its file where it names one. */
function formatOf(proc: Proc, format: string): { kind: string; argument: string } | { error: string } {
  const [kind = '', argument = ''] = format.split(/=(.*)/s, 2);
  const file = FROM_FILE[kind];
  if (file === undefined || argument === '') return { kind, argument };
  const read = vfsOf(proc).readFile(argument);
  if (read.ok) return { kind, argument: read.value };
  return {
    error: `error: ${file} ${argument}, open ${argument}: ${read.errno === 'ENOENT' ? 'no such file or directory' : 'permission denied'}`,
  };
}

function printInColumns(columns: Column[] | { error: string }, objects: KubeObject[], headers: boolean): Printed {
  if ('error' in columns) return { error: `error: ${columns.error}` };
  try {
    return { text: printColumns(columns, objects, headers) };
  } catch (error) {
    return { error: `error: ${(error as Error).message}` };
  }
}

const NO_TEMPLATE: Printed = { error: 'error: template format specified but no template given' };

/** Output in a format other than a table, or an error. */
export function printFormat(
  proc: Proc,
  format: string,
  selection: Pick<Selection, 'groups' | 'single'>,
  { headers = true, sortBy }: { headers?: boolean; sortBy?: string | undefined } = {},
): Printed {
  const named = selection.groups.flatMap((group) => group.objects.map((object) => ({ group, object })));
  const objects = named.map((n) => n.object);
  if (sortBy !== undefined && !selection.single) {
    const complaint = sortObjects(objects, sortBy);
    if (complaint !== null) return { error: `error: ${complaint.message}` };
  }
  const value = selection.single && objects.length === 1 ? objects[0] : listOf(objects);
  const wanted = formatOf(proc, format);
  if ('error' in wanted) return wanted;
  const { kind, argument } = wanted;
  switch (kind) {
    case 'yaml':
      return { text: printYaml(value) };
    case 'json':
      return { text: printJson(value) };
    case 'name': {
      const groups = new Map(named.map((n) => [n.object, n.group]));
      return { text: objects.map((o) => `${typedName(groups.get(o) as Selected, o)}\n`).join('') };
    }
    case 'jsonpath':
    case 'jsonpath-as-json':
    case 'jsonpath-file':
      return argument === '' ? NO_TEMPLATE : printJsonPath(argument, value, kind === 'jsonpath-as-json');
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile':
      return argument === '' ? NO_TEMPLATE : printTemplate(argument, value);
    case 'custom-columns':
      return printInColumns(parseColumns(argument), objects, headers);
    case 'custom-columns-file':
      return printInColumns(parseColumnFile(argument), objects, headers);
    default:
      return {
        error: `error: unable to match a printer suitable for the output format "${format}", allowed formats are: ${FORMATS.join(',')}`,
      };
  }
}
