/** `kubectl label` and `kubectl annotate`. Source: k8s.io/kubectl pkg/cmd/{label,annotate} (1.33). */
import * as names from '../../../k8s/api/names.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { patchResource } from '../../../k8s/api/write.ts';
import { groupOf } from '../../../k8s/kinds/group.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { print } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, isOn, SELECTOR } from '../contract.ts';
import { FILE_FLAGS } from '../write/builder.ts';
import { type Chosen, choose } from '../write/chosen.ts';
import { complaint, conclude, fail, refusal } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, printerOf } from '../write/print.ts';

interface Sort {
  name: 'label' | 'annotate';
  word: 'label' | 'annotation';
  field: 'labels' | 'annotations';
}

interface Changes {
  set: Map<string, string>;
  remove: string[];
}

const isPair = (word: string): boolean => /^[^=]+=|^[^=]+-$/.test(word);

function parseChanges({ name, word }: Sort, words: readonly string[]): Changes | { error: string } {
  const changes: Changes = { set: new Map(), remove: [] };
  for (const text of words) {
    if (!text.includes('=')) {
      changes.remove.push(text.slice(0, -1));
      continue;
    }
    const [key = '', value = ''] = text.split(/=(.*)/s, 2);
    if (name === 'label') {
      if (value.includes('=')) return { error: `invalid label spec: ${text}` };
      const wrong = names.labels({ a: value }, '').map((e) => e.detail);
      if (wrong.length > 0) return { error: `invalid label value: ${JSON.stringify(text)}: ${wrong.join(';')}` };
    }
    changes.set.set(key, value);
  }
  const both = changes.remove.filter((key) => changes.set.has(key));
  if (both.length === 0) return changes;
  return {
    error:
      word === 'label'
        ? 'can not both modify and remove a label in the same command'
        : `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
  };
}

/** What would be overwritten without leave. */
function overwrites({ word, field }: Sort, object: KubeObject, { set }: Changes): string | null {
  const known = object.metadata[field] ?? {};
  const taken = [...set].filter(([k, v]) => Object.hasOwn(known, k) && known[k] !== v);
  if (taken.length === 0) return null;
  const texts = taken.map(([k]) => `'${k}' already has a value (${known[k]})`);
  if (word === 'annotation')
    return `--overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`;
  const all = texts.map((t) => `${t}, and --overwrite is false`);
  return all.length === 1 ? (all[0] as string) : `[${all.join(', ')}]`;
}

function* listed({ word, field }: Sort, { kind, object }: Chosen, single: boolean): Io<void> {
  if (!single) yield* print(`Listing ${word}s for ${kind.kind}.${groupOf(kind)}/${object.metadata.name}:\n`);
  for (const [key, value] of Object.entries(object.metadata[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
    yield* print(`${single ? '' : ' '}${key}=${value}\n`);
}

function* change(call: Call, sort: Sort, words: readonly string[]): Io<number> {
  const { flags, proc } = call;
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const changes = parseChanges(sort, words);
  if ('error' in changes) return yield* fail(changes.error);
  const operands = flags.args.filter((a) => !words.includes(a));
  const list = isOn(flags, 'list');
  if (list && flags.values.has('output')) return yield* fail('--list and --output may not be specified together');
  if (isOn(flags, 'all') && flags.values.has('selector'))
    return yield* fail('cannot set --all and --selector at the same time');
  const local = isOn(flags, 'local');
  if (operands.length === 0 && !flags.values.has('filename'))
    return yield* fail(
      local
        ? 'one or more files must be specified as -f pod.yaml or --filename=pod.json'
        : 'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  if (words.length === 0 && !list) return yield* fail(`at least one ${sort.word} update is required`);
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const choice = yield* choose(call, operands, { all: true, local });
  if (typeof choice === 'number') return choice;
  const { objects, errors } = choice;
  for (const chosen of objects) {
    const { kind, object } = chosen;
    if (list) {
      yield* listed(sort, chosen, objects.length === 1);
      continue;
    }
    const known = object.metadata[sort.field] ?? {};
    const sent = dryRun !== 'client' && !local;
    if (sort.word === 'label' && sent)
      for (const key of changes.remove)
        if (!Object.hasOwn(known, key)) yield* print(`label ${JSON.stringify(key)} not found.\n`);
    const refusedBy = isOn(flags, 'overwrite') ? null : overwrites(sort, object, changes);
    if (refusedBy !== null) {
      errors.push(complaint(`${refusedBy}`));
      continue;
    }
    const added = [...changes.set].filter(([k, v]) => known[k] !== v);
    const removed = changes.remove.filter((k) => Object.hasOwn(known, k));
    const next = Object.fromEntries([...Object.entries(known).filter(([k]) => !removed.includes(k)), ...changes.set]);
    let shown: KubeObject = { ...object, metadata: { ...object.metadata, [sort.field]: next } };
    if (sent && (added.length > 0 || removed.length > 0)) {
      const body = {
        metadata: {
          [sort.field]: { ...Object.fromEntries(added), ...Object.fromEntries(removed.map((k) => [k, null])) },
        },
      };
      const { namespace, name } = object.metadata;
      const patched = patchResource(
        proc.world,
        kind,
        namespace,
        name,
        { type: 'merge', body },
        { dryRun: dryRun === 'server' },
      );
      if (isApiError(patched)) {
        errors.push(refusal(patched));
        continue;
      }
      shown = patched;
    }
    const done =
      sort.word === 'annotation'
        ? 'annotated'
        : added.length > 0
          ? removed.length > 0
            ? 'modified'
            : 'labeled'
          : removed.length > 0
            ? 'unlabeled'
            : 'not labeled';
    yield* printer.show(kind, shown, done);
  }
  return yield* conclude(errors);
}

const metadataVerb = (sort: Sort) =>
  defineVerb({
    name: sort.name,
    summary: `Update the ${sort.field} on a resource`,
    takesResource: true,
    flags: [
      ...PRINT_FLAGS,
      ...FILE_FLAGS,
      SELECTOR,
      ALL_NAMESPACES,
      DRY_RUN,
      { name: 'all', bool: true },
      { name: 'list', bool: true },
      { name: 'local', bool: true },
      { name: 'overwrite', bool: true },
    ],
    *run(call) {
      const first = call.flags.args.findIndex(isPair);
      const words = first < 0 ? [] : call.flags.args.slice(first);
      const odd = words.find((w) => !isPair(w));
      if (odd !== undefined) return yield* fail(`all resources must be specified before ${sort.word} changes: ${odd}`);
      return yield* change(call, sort, words);
    },
  });

export const label = metadataVerb({ name: 'label', word: 'label', field: 'labels' });
export const annotate = metadataVerb({ name: 'annotate', word: 'annotation', field: 'annotations' });
