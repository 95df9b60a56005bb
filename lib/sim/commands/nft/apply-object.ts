/** Named counters, quotas, limits, conntrack objects and flowtables. */
import type { NftObject } from '../../linux/netfilter/nft/types.ts';
import { usesFlowtable, usesObject } from '../../linux/netfilter/nft/uses.ts';
import { takeHandle } from '../../linux/netfilter/tables.ts';
import type { Batch } from './batch.ts';
import type { Command, RawObject } from './command.ts';
import { NftError } from './cursor.ts';
import { kernelError, missingFlowtable, missingObject, missingTable } from './missing.ts';
import { priorityByName } from './priority.ts';

function make(cmd: Command, raw: RawObject): NftObject {
  const o: NftObject = { type: cmd.object as NftObject['type'], name: cmd.name, handle: 0 };
  if (raw.comment !== undefined) o.comment = raw.comment;
  const { stmt } = raw;
  if (o.type === 'counter') o.stmt = { kind: 'counter', packets: stmt.packets ?? 0, bytes: stmt.bytes ?? 0 };
  else if (o.type === 'quota') o.stmt = { kind: 'quota', ...(stmt.quota ?? { over: false, limit: 0, used: 0 }) };
  else if (o.type === 'limit') {
    const l = stmt.limit ?? { rate: 0, unit: 'second', over: false, burst: 0, bytes: false };
    o.stmt = {
      kind: 'limit',
      rate: l.rate,
      unit: l.unit,
      over: l.over,
      burst: l.burst,
      bytes: l.bytes,
      tokens: 0,
      last: -1,
    };
  } else {
    o.words = raw.words;
    if (raw.policy.length) o.policy = raw.policy;
  }
  return o;
}

const MODULES = new Set(['secmark']);

export function addObject(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  const key = `${cmd.object} ${cmd.name}`;
  batch.toKernel(() => {
    if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'kernel');
    if (table.objects?.has(key)) {
      if (cmd.verb === 'create') throw kernelError('File exists', cmd.nameSpan);
      return;
    }
    if (MODULES.has(cmd.object)) throw kernelError('No such file or directory', cmd.span);
    const o = make(cmd, cmd.obj as RawObject);
    if (o.stmt?.kind === 'limit' && o.stmt.rate === 0) throw kernelError('Invalid argument', cmd.span);
    o.handle = takeHandle(table);
    table.objects = new Map(table.objects ?? []);
    table.objects.set(key, o);
  });
}

export function deleteObject(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  batch.toKernel(() => {
    if (!table) throw missingObject(batch.ns, cmd.name, cmd.tableSpan, 'kernel', cmd);
    const found = [...(table.objects?.values() ?? [])].find(
      (o) => o.type === cmd.object && (cmd.handle === undefined ? o.name === cmd.name : o.handle === cmd.handle),
    );
    const at = cmd.handleSpan ?? cmd.nameSpan;
    if (!found)
      throw cmd.handle === undefined
        ? missingObject(batch.ns, cmd.name, at, 'kernel', cmd)
        : kernelError('No such file or directory', at);
    if (usesObject(table, found.type, found.name)) throw kernelError('Device or resource busy', at);
    table.objects = new Map(table.objects);
    table.objects.delete(`${found.type} ${found.name}`);
  });
}

export function addFlowtable(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
  const raw = cmd.flowtable as NonNullable<Command['flowtable']>;
  if (raw.hook === '') throw new NftError('missing hook and priority in flowtable declaration', raw.span);
  const named = raw.priority.name === null ? 0 : priorityByName(raw.priority.name, 'netdev', 'INGRESS');
  if (named === null) throw new NftError('invalid priority expression value.', raw.priority.span);
  const old = table.flowtables?.get(cmd.name);
  batch.toKernel(() => {
    if (old) {
      if (cmd.verb === 'create') throw kernelError('File exists', cmd.nameSpan);
      return;
    }
    // The kernel of the recordings comes without the flowtable module.
    throw kernelError('No such file or directory', cmd.span);
  });
}

export function deleteFlowtable(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  batch.toKernel(() => {
    if (!table) throw missingFlowtable(batch.ns, cmd.name, cmd.tableSpan, 'kernel', cmd);
    const ft =
      cmd.handle === undefined
        ? table.flowtables?.get(cmd.name)
        : [...(table.flowtables?.values() ?? [])].find((f) => f.handle === cmd.handle);
    const at = cmd.handleSpan ?? cmd.nameSpan;
    if (!ft)
      throw cmd.handle === undefined
        ? missingFlowtable(batch.ns, cmd.name, at, 'kernel', cmd)
        : kernelError('No such file or directory', at);
    if (usesFlowtable(table, ft.name)) throw kernelError('Device or resource busy', at);
    table.flowtables = new Map(table.flowtables);
    table.flowtables.delete(ft.name);
  });
}
