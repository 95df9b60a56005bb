/** What the verbs that write print: a line by default, or the object by -o. Source: k8s.io/cli-runtime pkg/genericclioptions/print_flags.go. */

import type { Kind } from '../../../k8s/kinds/kind.ts';
import { formatTime } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { Io, Proc } from '../../../kernel/process.ts';
import type { FlagSpec } from '../../../text/pflag.ts';
import { sortKeys } from '../../../text/record.ts';
import { printYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { type Call, flagValue, isOn } from '../contract.ts';
import { said } from '../manifests.ts';
import { printJsonPath } from '../output.ts';
import { fail } from './errors.ts';
import { typed } from './typed.ts';

export type DryRun = 'none' | 'client' | 'server';

export const DRY_RUN: FlagSpec = { name: 'dry-run', bare: 'unchanged' };

/** Flags of every verb that prints what it wrote. */
export const PRINT_FLAGS: FlagSpec[] = [
  { name: 'output', short: 'o' },
  { name: 'template' },
  { name: 'allow-missing-template-keys', bool: true },
  { name: 'show-managed-fields', bool: true },
];

/** A line of the client's own log. Source: k8s.io/klog/v2. */
export function klog({ world, info }: Proc, level: 'I' | 'W' | 'E', where: string, text: string): string {
  const [, month, day, time] =
    /^\d+-(\d\d)-(\d\d)T([\d:]{8})/.exec(formatTime(world.epoch + Math.floor(world.now / 1e6))) ?? [];
  const us = String(world.now % 1e6).padStart(6, '0');
  return `${level}${month}${day} ${time}.${us} ${String(info.pid).padStart(7)} ${where}] ${text}\n`;
}

/** What --dry-run asks for; a number is the exit status after a complaint. */
export function* dryRunOf({ flags, proc }: Call): Io<DryRun | number> {
  const value = flagValue(flags, 'dry-run');
  if (value === undefined || value === 'none' || value === 'false') return 'none';
  if (value === 'client' || value === 'server') return value;
  if (value === 'unchanged' || value === 'true') {
    yield* printErr(
      klog(proc, 'W', 'helpers.go:703', '--dry-run is deprecated and can be replaced with --dry-run=client.'),
    );
    return 'client';
  }
  return yield* fail(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

const FORMATS =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml';

export interface Printer {
  /** Whether -o asks for something other than the line. */
  formatted: boolean;
  /** Prints an object: the line `TYPE/NAME done`, or by -o. `own` objects are typed structs of the client. */
  show(kind: Kind, object: KubeObject, done: string, own?: boolean): Io<void>;
  /** Prints several by -o as one List; a single one as itself. */
  showAll(objects: readonly { kind: Kind; object: KubeObject; done: string }[]): Io<void>;
}

/** The printer that -o and --dry-run ask for; a number is the exit status after a complaint. */
export function* printerOf({ flags }: Call, dryRun: DryRun): Io<Printer | number> {
  const output = flagValue(flags, 'output') ?? '';
  const [format = '', ...rest] = output.split('=');
  const argument = rest.join('=') || flagValue(flags, 'template') || '';
  if (/^(go-template|template)/.test(format)) return yield* notModelled(`kubectl -o ${format}`);
  if (output !== '' && !['json', 'yaml', 'name', 'jsonpath', 'jsonpath-as-json'].includes(format))
    return yield* fail(
      `unable to match a printer suitable for the output format "${output}", allowed formats are: ${FORMATS}`,
    );
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
  let documents = 0;
  const printer: Printer = {
    formatted: output !== '',
    *show(kind, object, done, own = false) {
      if (output === '') return yield* print(`${said(kind, object.metadata.name)} ${done}${suffix}\n`);
      if (format === 'name') return yield* print(`${said(kind, object.metadata.name)}\n`);
      const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
      const plain = (isOn(flags, 'show-managed-fields') ? object : { ...object, metadata }) as KubeObject;
      const shown = own ? typed(kind, plain) : sortKeys(plain);
      if (format === 'json') yield* print(`${JSON.stringify(shown, null, 4)}\n`);
      else if (format === 'yaml') yield* print(`${documents++ > 0 ? '---\n' : ''}${printYaml(shown)}`);
      else {
        const result = printJsonPath(argument, shown, format === 'jsonpath-as-json');
        yield* print(result.text ?? '');
        if ('error' in result) yield* printErr(`${result.error}\n`);
      }
    },
    *showAll(objects) {
      const [first] = objects;
      if (!first) return;
      if (objects.length === 1 || format === 'name') {
        for (const { kind, object, done } of objects) yield* printer.show(kind, object, done);
        return;
      }
      const list = { apiVersion: 'v1', items: objects.map((o) => o.object), kind: 'List', metadata: {} };
      yield* printer.show(first.kind, list as unknown as KubeObject, '');
    },
  };
  return printer;
}
