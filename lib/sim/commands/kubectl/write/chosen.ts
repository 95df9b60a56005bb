/** The objects that a verb which changes them works on: named, selected, or given by -f. Source: k8s.io/cli-runtime pkg/resource/builder.go. */
import { notFound } from '../../../k8s/api/status.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { getObject } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { printErr } from '../../io.ts';
import { type Call, flagValue, isOn } from '../contract.ts';
import { selectObjects } from '../select.ts';
import { readFiles } from './builder.ts';
import { type Failure, refusal } from './errors.ts';

export interface Chosen {
  kind: Kind;
  /** As the server has it; with -f and --local, as the file has it. */
  object: KubeObject;
  /** The file it comes from; '' for one that was named. */
  source: string;
}

export interface Choice {
  objects: Chosen[];
  /** To print when all is done; any of them makes the exit status 1. */
  errors: Failure[];
}

export interface ChoiceOptions {
  /** Flag that selects every object of a type. */
  all?: boolean;
  /** Takes what files describe as it stands, without asking the server. */
  local?: boolean;
  /** Said when nothing was named. */
  nothing?: string;
}

const NOTHING =
  "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\n";

/** Looks the operands up; a number is the exit status after a complaint. */
export function* choose(call: Call, args: readonly string[], options: ChoiceOptions = {}): Io<Choice | number> {
  const { proc, flags } = call;
  const given = yield* readFiles(call);
  const choice: Choice = { objects: [], errors: [] };
  if (given !== null) {
    for (const entry of given) {
      if ('failure' in entry) {
        choice.errors.push(entry.failure);
        continue;
      }
      const { kind, object, source } = entry;
      const { namespace, name } = object.metadata;
      const known = options.local
        ? object
        : getObject(proc.world, kind.name, kind.namespaced ? namespace : undefined, name);
      if (known) choice.objects.push({ kind, object: known, source });
      else choice.errors.push(refusal(notFound(kind, name)));
    }
    return choice;
  }
  if (args.length === 0) {
    yield* printErr(options.nothing ?? NOTHING);
    return 1;
  }
  const selector = flagValue(flags, 'selector');
  const alone = args.length === 1 && !args[0]?.includes('/');
  if (alone && options.all && !isOn(flags, 'all') && selector === undefined) {
    yield* printErr('error: resource(s) were provided, but no name was specified\n');
    return 1;
  }
  if (isOn(flags, 'all') && selector !== undefined) {
    yield* printErr("error: setting 'all' parameter but found a non empty selector. \n");
    return 1;
  }
  const found = selectObjects(proc.world, args, call.allNamespaces ? undefined : call.namespace, selector);
  if (!found.ok) {
    yield* printErr(`${found.error}\n`);
    return 1;
  }
  for (const { resource, objects } of found.selection.groups)
    for (const object of objects) choice.objects.push({ kind: resource, object, source: '' });
  choice.errors.push(...found.selection.errors.map((e) => ({ alone: `${e}\n`, among: `${e}\n` })));
  return choice;
}

/** `a=b,c=d` as labels, or the complaint. */
export function parseLabels(text: string): Record<string, string> | { error: string } {
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [key = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined) return { error: `unexpected label spec: ${part}` };
    if (key === '') return { error: 'unexpected empty label key' };
    labels[key] = value;
  }
  return labels;
}

/** Whether labels could not be read. */
export const isWrong = (value: Record<string, string> | { error: string }): value is { error: string } =>
  Object.keys(value).length === 1 && typeof value.error === 'string' && value.error.startsWith('unexpected ');
