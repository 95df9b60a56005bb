/** `kubectl cordon`, `uncordon`, `taint`. Source: k8s.io/kubectl pkg/cmd/{drain,taint} (1.33). */
import * as names from '../../../k8s/api/names.ts';
import { isApiError } from '../../../k8s/api/status.ts';
import { patchResource } from '../../../k8s/api/write.ts';
import { findResource, kindOf } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io } from '../../../kernel/process.ts';
import { printErr } from '../../io.ts';
import { type Call, defineVerb, isOn, SELECTOR } from '../contract.ts';
import { choose } from '../write/chosen.ts';
import { complaint, conclude, fail, refusal } from '../write/errors.ts';
import { DRY_RUN, dryRunOf, PRINT_FLAGS, type Printer, printerOf } from '../write/print.ts';

interface Taint {
  key: string;
  value?: string;
  effect?: string;
}

/** Sets spec.unschedulable where it is not so yet. Answers whether the server took it. */
export function* setCordoned(
  call: Call,
  node: KubeObject,
  cordon: boolean,
  printer: Printer,
  dryRun: string,
): Io<void> {
  const kind = kindOf('nodes');
  const word = cordon ? 'cordoned' : 'uncordoned';
  if ((node.spec?.unschedulable ?? false) === cordon) return yield* printer.show(kind, node, `already ${word}`);
  if (dryRun === 'client') return yield* printer.show(kind, node, word);
  const body = { spec: { unschedulable: cordon ? true : null } };
  const made = patchResource(
    call.proc.world,
    kind,
    undefined,
    node.metadata.name,
    { type: 'strategic', body },
    { dryRun: dryRun === 'server' },
  );
  if (isApiError(made))
    yield* printErr(
      `error: unable to ${cordon ? 'cordon' : 'uncordon'} node ${JSON.stringify(node.metadata.name)}: ${made.message}\n`,
    );
  else yield* printer.show(kind, made, word);
}

/** The nodes that a verb's command line names, and how it prints; its exit status when it is refused. */
export function* chooseNodes(call: Call, verb: 'cordon' | 'uncordon' | 'drain') {
  const { flags } = call;
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const usage = `See 'kubectl ${verb} -h' for help and examples`;
  if (flags.args.length === 0 && !flags.values.has('selector'))
    return yield* fail(`USAGE: ${verb} NODE [flags]\n${usage}`);
  if (flags.args.length > 0 && flags.values.has('selector'))
    return yield* fail(`cannot specify both a node name and a --selector option\n${usage}`);
  const choice = yield* choose(call, ['nodes', ...flags.args]);
  if (typeof choice === 'number') return choice;
  if (choice.errors.length > 0) return yield* conclude(choice.errors);
  return { choice, printer, dryRun };
}

const cordoning = (name: 'cordon' | 'uncordon', summary: string) =>
  defineVerb({
    name,
    summary,
    flags: [SELECTOR, DRY_RUN],
    *run(call) {
      const chosen = yield* chooseNodes(call, name);
      if (typeof chosen === 'number') return chosen;
      const { choice, printer, dryRun } = chosen;
      for (const { object } of choice.objects) yield* setCordoned(call, object, name === 'cordon', printer, dryRun);
      return 0;
    },
  });

export const cordon = cordoning('cordon', 'Mark node as unschedulable');
export const uncordon = cordoning('uncordon', 'Mark node as schedulable');

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:effect`, `key:effect`, `key`. */
function parseTaint(text: string): Taint | { error: string } {
  const [left = '', effect, more] = text.split(':');
  if (more !== undefined) return { error: `invalid taint spec: ${text}` };
  if (effect !== undefined && !EFFECTS.includes(effect))
    return { error: `invalid taint effect: ${effect}, unsupported taint effect` };
  const [key = '', value, third] = effect === undefined ? [left] : left.split('=');
  if (third !== undefined) return { error: `invalid taint spec: ${text}` };
  const wrong = [...names.labels({ [key]: '' }, ''), ...(value ? names.labels({ a: value }, '') : [])].map(
    (e) => e.detail,
  );
  if (wrong.length > 0) return { error: `invalid taint spec: ${text}, ${wrong.join('; ')}` };
  return { key, ...(value ? { value } : {}), ...(effect === undefined ? {} : { effect }) };
}

function parseTaints(words: readonly string[]): { add: Taint[]; remove: Taint[] } | { error: string } {
  const [add, remove]: [Taint[], Taint[]] = [[], []];
  for (const word of words) {
    const removes = word.endsWith('-');
    const taint = parseTaint(removes ? word.slice(0, -1) : word);
    if ('error' in taint) return taint;
    if (removes) remove.push(taint);
    else if (taint.effect === undefined) return { error: `invalid taint spec: ${word}` };
    else if (add.some((t) => t.key === taint.key && t.effect === taint.effect))
      return {
        error: `duplicated taints with the same key and effect: {${taint.key} ${taint.value ?? ''} ${taint.effect} <nil>}`,
      };
    else add.push(taint);
  }
  return { add, remove };
}

const meant = (t: Taint, by: Taint): boolean => t.key === by.key && (!by.effect || t.effect === by.effect);
const textOf = ({ key, value, effect }: Taint): string =>
  !effect ? key : value ? `${key}=${value}:${effect}` : `${key}:${effect}`;

function* taintNodes(
  call: Call,
  { add, remove }: { add: Taint[]; remove: Taint[] },
  operands: readonly string[],
): Io<number> {
  const { flags, proc } = call;
  const dryRun = yield* dryRunOf(call);
  if (typeof dryRun === 'number') return dryRun;
  const printer = yield* printerOf(call, dryRun);
  if (typeof printer === 'number') return printer;
  const choice = yield* choose(call, operands, { all: true });
  if (typeof choice === 'number') return choice;
  const { errors } = choice;
  for (const { kind, object } of choice.objects) {
    const known = (object.spec?.taints ?? []) as Taint[];
    const taken = add.filter((t) => known.some((k) => k.key === t.key && k.effect === t.effect));
    if (taken.length > 0 && !isOn(flags, 'overwrite')) {
      const shown = taken.map((t) => t.key).join(',');
      errors.push(
        complaint(
          `node ${object.metadata.name} already has ${shown} taint(s) with same effect(s) and --overwrite is false`,
        ),
      );
      continue;
    }
    const missing = remove.filter((r) => !known.some((k) => meant(k, r)));
    if (missing.length > 0) {
      const texts = missing.map((t) => `taint ${JSON.stringify(textOf(t))} not found`);
      errors.push(complaint(texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`));
      continue;
    }
    const kept = known.filter(
      (k) => !remove.some((r) => meant(k, r)) && !add.some((t) => t.key === k.key && t.effect === k.effect),
    );
    const taints = [...add, ...kept];
    const done =
      taken.length > 0 && taken.length === add.length && remove.length === 0
        ? 'modified'
        : add.length > 0
          ? remove.length > 0
            ? 'modified'
            : 'tainted'
          : 'untainted';
    if (dryRun === 'client') {
      yield* printer.show(kind, { ...object, spec: { ...object.spec, taints } }, done);
      continue;
    }
    const body = { spec: { taints: taints.length > 0 ? taints : null } };
    const made = patchResource(
      proc.world,
      kind,
      undefined,
      object.metadata.name,
      { type: 'strategic', body },
      { dryRun: dryRun === 'server' },
    );
    if (isApiError(made)) errors.push(refusal(made));
    else yield* printer.show(kind, made, done);
  }
  return yield* conclude(errors);
}

export const taint = defineVerb({
  name: 'taint',
  summary: 'Update the taints on one or more nodes',
  takesResource: true,
  flags: [...PRINT_FLAGS, SELECTOR, DRY_RUN, { name: 'all', bool: true }, { name: 'overwrite', bool: true }],
  *run(call) {
    const { args } = call.flags;
    const isTaint = (word: string): boolean => /[=:]/.test(word) || word.endsWith('-');
    const first = args.findIndex(isTaint);
    const words = first < 0 ? [] : args.slice(first);
    const operands = first < 0 ? args : args.slice(0, first);
    const odd = words.find((w) => !isTaint(w));
    if (odd !== undefined) return yield* fail(`all resources must be specified before taint changes: ${odd}`);
    if (operands.length === 0) return yield* fail('one or more resources must be specified as <resource> <name>');
    if (words.length === 0) return yield* fail('at least one taint update is required');
    const taints = parseTaints(words);
    if ('error' in taints) return yield* fail(`${taints.error}\nSee 'kubectl taint -h' for help and examples`);
    const [type = ''] = operands;
    if (findResource(type)?.name !== 'nodes')
      return yield* fail(`invalid resource type ${type.toLowerCase()}, only node types are supported`);
    const both = taints.add.filter((t) => taints.remove.some((r) => meant(t, r)));
    if (both.length > 0)
      return yield* fail(
        `can not both modify and remove the following taint(s) in the same command: ${both.map((t) => `${t.key}=${taints.remove.find((r) => r.key === t.key)?.effect ?? ''}`).join(', ')}`,
      );
    const everything = isOn(call.flags, 'all') || call.flags.values.has('selector');
    if (!everything && operands.length < 2)
      return yield* fail("at least one resource name must be specified since 'all' parameter is not set");
    return yield* taintNodes(call, taints, operands);
  },
});
