/** Chains: made, changed, renamed and taken away, with the kernel's answers. */
import { createChain, referenceCounts, takeHandle } from '../../linux/netfilter/tables.ts';
import type { Hook, NfChain, NfTable } from '../../linux/netfilter/types.ts';
import type { RawChain } from './ast.ts';
import type { Batch } from './batch.ts';
import type { Command } from './command.ts';
import { NftError } from './cursor.ts';
import type { Span } from './lexer.ts';
import { kernelError, missingChain, missingTable } from './missing.ts';
import { priorityByName } from './priority.ts';

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  ip: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  ip6: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  inet: ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'],
  bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  arp: ['input', 'forward', 'output'],
  netdev: ['ingress', 'egress'],
};

interface Base {
  type: 'filter' | 'nat' | 'route';
  hook: Hook;
  priority: number;
  devices: string[];
  typeSpan: Span;
}

/** nft's own checks of a base chain. */
function evalBase(cmd: Command, raw: RawChain): Base | null {
  const b = raw.base;
  if (!b) return null;
  if (!HOOKS[cmd.family]?.includes(b.hook))
    throw new NftError(`The ${cmd.family} family does not support this hook`, b.hookSpan);
  const hook = b.hook.toUpperCase() as Hook;
  const named = b.priority.name === null ? 0 : priorityByName(b.priority.name, cmd.family, hook);
  if (named === null) throw new NftError('invalid priority expression value in this context.', b.priority.span);
  const device = b.device?.k === 'sym' ? [b.device.text] : [];
  const devices = [...device, ...b.devices];
  const atDevice = cmd.family === 'netdev' || hook === 'INGRESS';
  if (atDevice && devices.length === 0) throw new NftError("Missing `device' in this chain definition", b.span);
  if (!atDevice && devices.length > 0)
    throw new NftError('This chain type cannot be bound to device', b.device?.span ?? b.span);
  const typeSpan = (b as unknown as { typeSpan: Span }).typeSpan;
  return { type: b.type as 'filter', hook, priority: (named + b.priority.offset) | 0, devices, typeSpan };
}

function makeBase(batch: Batch, cmd: Command, base: Base): void {
  const whole = (errno: string) => kernelError(errno, cmd.span);
  const nat = base.type === 'nat';
  const route = base.type === 'route';
  const ip = cmd.family === 'ip' || cmd.family === 'ip6' || cmd.family === 'inet';
  if ((nat || route) && !ip) {
    throw new NftError(
      `No such file or directory; did you mean chain ‘${cmd.name}’ in table ${cmd.family} ‘${cmd.table}’?`,
      base.typeSpan,
    );
  }
  if (nat && (base.hook === 'FORWARD' || base.hook === 'INGRESS')) throw whole('Operation not supported');
  if (route && base.hook !== 'OUTPUT') throw whole('Operation not supported');
  if (cmd.family === 'arp' && base.hook === 'FORWARD') throw whole('Operation not supported');
  if (nat && base.priority <= -200) throw whole('Operation not supported');
  for (const d of base.devices) {
    if (![...batch.ns.links.values()].some((l) => l.name === d))
      throw kernelError('No such file or directory', cmd.span);
  }
}

function change(cmd: Command, chain: NfChain, base: Base | null, raw: RawChain): void {
  if (base) {
    if (!chain.hook) throw kernelError('File exists', cmd.nameSpan);
    const type = chain.type ?? 'filter';
    if (chain.hook !== base.hook || chain.priority !== base.priority || type !== base.type)
      throw kernelError(
        type === base.type ? 'Operation not supported' : 'File exists',
        type === base.type ? cmd.span : base.typeSpan,
      );
  }
  if (raw.policy && !chain.hook) throw kernelError('Operation not supported', raw.policySpan as Span);
  if (raw.policy) chain.policy = raw.policy === 'drop' ? 'DROP' : 'ACCEPT';
}

export function addChain(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
  const raw = cmd.chain;
  const base = raw ? evalBase(cmd, raw) : null;
  const old = table.chains.get(cmd.name);
  batch.toKernel(() => {
    if (old) {
      if (cmd.verb === 'create') throw kernelError('File exists', cmd.nameSpan);
      if (raw) change(cmd, old, base, raw);
      batch.echo({ verb: 'add', object: 'chain', table, chain: old });
    } else make(batch, cmd, table, base, raw);
  });
  // A chain by itself may hold rules, too.
  if (!cmd.inside) {
    for (const rule of raw?.rules ?? [])
      batch.rules.push({ ...cmd, object: 'rule', verb: 'add', rule, span: rule.span });
  }
}

function make(batch: Batch, cmd: Command, table: NfTable, base: Base | null, raw: RawChain | undefined): void {
  if (cmd.name.length > 255) throw kernelError('Numerical result out of range', cmd.nameSpan);
  if (base) makeBase(batch, cmd, base);
  else if (raw?.policy) throw kernelError('Operation not supported', raw.policySpan as Span);
  const chain = createChain(batch.ns, table, cmd.name, base);
  if (base) {
    chain.type = base.type;
    if (base.devices.length) chain.devices = base.devices;
  }
  if (raw?.comment !== undefined) chain.comment = raw.comment;
  if (raw?.policy) chain.policy = raw.policy === 'drop' ? 'DROP' : 'ACCEPT';
  batch.echo({ verb: 'add', object: 'chain', table, chain });
}

export function removeChain(batch: Batch, cmd: Command): void {
  batch.toKernel(() => {
    const table = batch.find(cmd);
    if (!table && cmd.verb === 'flush') throw kernelError('No such file or directory', cmd.tableSpan);
    if (!table) throw missingChain(batch.ns, cmd.name, cmd.tableSpan, 'kernel', cmd);
    const chain =
      cmd.handle === undefined
        ? table.chains.get(cmd.name)
        : [...table.chains.values()].find((c) => c.handle === cmd.handle);
    if (!chain) {
      if (cmd.handle !== undefined) throw kernelError('No such file or directory', cmd.handleSpan as Span);
      if (cmd.verb === 'flush') throw kernelError('No such file or directory', cmd.nameSpan);
      throw missingChain(batch.ns, cmd.name, cmd.nameSpan, 'kernel', cmd);
    }
    if (cmd.verb === 'flush') {
      batch.own(chain).length = 0;
      return;
    }
    const at = cmd.handleSpan ?? cmd.nameSpan;
    // A chain's own rules go with it; those elsewhere that lead to it do not.
    if ((referenceCounts(table, chain).get(chain.name) ?? 0) > 0) throw kernelError('Device or resource busy', at);
    table.chains.delete(chain.name);
  });
}

export function renameChain(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
  const chain = table.chains.get(cmd.name);
  if (!chain) throw missingChain(batch.ns, cmd.name, cmd.nameSpan, 'nft', cmd);
  batch.toKernel(() => {
    const to = cmd.newName as string;
    if (table.chains.has(to)) throw kernelError('File exists', cmd.span);
    const from = chain.name;
    chain.name = to;
    table.chains = new Map([...table.chains.values()].map((c) => [c.name, c]));
    batch.retarget(table, from, to);
  });
}

export { takeHandle };
