/** How a write is sent: --dry-run=server, --validate, and the warnings that come back. Source: k8s.io/kubectl pkg/cmd/util/helpers.go (GetValidationDirective). */
import type { WriteOptions } from '../../../k8s/api/write.ts';
import type { Io } from '../../../kernel/process.ts';
import { printErr } from '../../io.ts';
import { type Call, flagValue } from '../contract.ts';
import type { DryRun } from './print.ts';

const DIRECTIVES: Record<string, 'Strict' | 'Warn' | 'Ignore'> = {
  strict: 'Strict',
  true: 'Strict',
  warn: 'Warn',
  ignore: 'Ignore',
  false: 'Ignore',
};

const pending = new WeakMap<Call, string[]>();

/** Options of a request; `otherwise` happens to unknown fields when nothing else is asked for. */
export function writeOptions(call: Call, dryRun: DryRun, otherwise: 'strict' | 'warn' = 'strict'): WriteOptions {
  return {
    dryRun: dryRun === 'server',
    fieldValidation: DIRECTIVES[flagValue(call.flags, 'validate') ?? otherwise] ?? 'Strict',
    warn: (text) => void pending.set(call, [...(pending.get(call) ?? []), text]),
  };
}

/** Prints the warnings of the requests since the last call. */
export function* printWarnings(call: Call): Io<void> {
  for (const text of pending.get(call) ?? []) yield* printErr(`Warning: ${text}\n`);
  pending.delete(call);
}
