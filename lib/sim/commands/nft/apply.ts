/** Carries out nft's commands on a namespace: evaluated one by one, committed all or not at all. */
import { syncRules } from '../../linux/netfilter/sync.ts';
import { createTable, tableKey, touch } from '../../linux/netfilter/tables.ts';
import type { NfTable } from '../../linux/netfilter/types.ts';
import { addChain, removeChain, renameChain } from './apply-chain.ts';
import { addFlowtable, addObject, deleteFlowtable, deleteObject } from './apply-object.ts';
import { onRule } from './apply-rule.ts';
import { addSet, onElements, removeSet } from './apply-set.ts';
import { Batch } from './batch.ts';
import type { Command } from './command.ts';
import type { Surroundings } from './context.ts';
import { NftError, Unmodelled } from './cursor.ts';
import { kernelError, missingTable } from './missing.ts';

function flushRuleset(batch: Batch, cmd: Command): void {
  const flushed = [...batch.ns.nf.tables].filter(
    ([, t]) => t.owner === 'nft' && (!cmd.familyGiven || t.family === cmd.family),
  );
  if (flushed.length === 0) return;
  batch.toKernel(() => {
    for (const [key] of flushed) batch.ns.nf.tables.delete(key);
  });
}

function onTable(batch: Batch, cmd: Command): void {
  const { ns } = batch;
  batch.toKernel(() => {
    if (cmd.verb === 'add' || cmd.verb === 'create') {
      const old = batch.find(cmd);
      if (old && cmd.verb === 'create') throw kernelError('File exists', cmd.tableSpan);
      const t = old ?? createTable(ns, cmd.family, cmd.table);
      if (!old) batch.made.add(t);
      if (cmd.flags?.includes('dormant')) t.dormant = true;
      else delete t.dormant;
      if (cmd.flags?.includes('owner')) throw new Unmodelled('nft: tables with an owner');
      if (!old && cmd.comment !== undefined) t.comment = cmd.comment;
      if (!old) batch.echo({ verb: 'add', object: 'table', table: t });
      return;
    }
    if (cmd.verb === 'flush') {
      const t = batch.find(cmd);
      if (!t) throw kernelError('No such file or directory', cmd.tableSpan);
      for (const c of t.chains.values()) batch.own(c).length = 0;
      return;
    }
    if (cmd.handle !== undefined) {
      const t = [...ns.nf.tables.values()].find(
        (x): x is NfTable => x.owner === 'nft' && x.handle === cmd.handle && x.family === cmd.family,
      );
      if (!t) throw kernelError('No such file or directory', cmd.handleSpan ?? cmd.span);
      ns.nf.tables.delete(tableKey(t.family, t.name));
      return;
    }
    const t = batch.find(cmd);
    if (!t) throw missingTable(ns, cmd.table, cmd.tableSpan, 'kernel');
    ns.nf.tables.delete(tableKey(t.family, t.name));
  });
}

type Handler = (batch: Batch, cmd: Command) => void;

const adds = (cmd: Command): boolean => cmd.verb === 'add' || cmd.verb === 'create';

/** What carries out a command that changes something. Errors of nft's own are thrown. */
function handlerOf(cmd: Command): Handler {
  switch (cmd.object) {
    case 'ruleset':
      return flushRuleset;
    case 'table':
      return onTable;
    case 'chain':
      return cmd.verb === 'rename' ? renameChain : adds(cmd) ? addChain : removeChain;
    case 'rule':
      return onRule;
    case 'set':
    case 'map':
      return adds(cmd) ? addSet : removeSet;
    case 'meter':
      return removeSet;
    case 'element':
      return onElements;
    case 'flowtable':
      return adds(cmd) ? addFlowtable : deleteFlowtable;
    default:
      return adds(cmd) ? addObject : deleteObject;
  }
}

const READS = new Set(['list', 'get', 'reset', 'describe', 'monitor']);

export interface Outcome {
  errors: NftError[];
  batch: Batch;
}

/**
 * Runs commands in order. `read` answers those that only look. Nothing stays changed when an error was found, by nft
 * (which then asks the kernel nothing) or by the kernel; nor with `check`.
 */
export function runCommands(
  env: Surroundings,
  commands: readonly Command[],
  parseErrors: readonly NftError[],
  o: { check: boolean; read: (cmd: Command, batch: Batch) => void },
): Outcome {
  const batch = new Batch(env, o.check);
  const found: NftError[] = [...parseErrors];
  let keep = false;
  const queue = [...commands];
  const reads: Command[] = [];
  try {
    for (let i = 0; i < queue.length; i++) {
      const cmd = queue[i] as Command;
      try {
        if (READS.has(cmd.verb)) {
          if (found.length === 0) o.read(cmd, batch);
          else reads.push(cmd);
        } else handlerOf(cmd)(batch, cmd);
        if (batch.rules.length) queue.splice(i + 1, 0, ...batch.rules.splice(0));
      } catch (e) {
        if (!(e instanceof NftError)) throw e;
        found.push(e);
        if (found.length >= 10) break;
      }
    }
    keep = !o.check && found.length === 0 && batch.answers.length === 0;
  } finally {
    if (!keep) batch.restore();
    else if (batch.changed) {
      env.ns.nf.committed = (env.ns.nf.committed ?? 1) + 1;
      delete env.ns.nf.validating;
    }
    if (batch.changed) {
      touch(env.ns);
      syncRules(env.ns);
    }
  }
  return { errors: found.length ? found : batch.answers, batch };
}
