/** Finding the namespace that CNI_NETNS names. */
import type { NetNs } from '../linux/types.ts';
import { vfsOf } from '../shell/vfs/vfs.ts';
import { type CniCall, internal } from './contract.ts';

/** The namespace, or null when the path is none (DEL goes on then). */
export function findNetns(call: CniCall): NetNs | null {
  const at = call.netns === '' ? null : vfsOf(call.proc).stat(call.netns);
  if (!at?.ok || at.value.node.type !== 'netns') return null;
  return call.proc.world.netns.get(at.value.node.netns) ?? null;
}

/** The namespace; throws what the plugin library says when it cannot be opened. */
export function openNetns(call: CniCall, prefix = ''): NetNs {
  const at = vfsOf(call.proc).stat(call.netns);
  if (!at.ok) throw internal(`${prefix}failed to Statfs "${call.netns}": no such file or directory`);
  const ns = findNetns(call);
  if (!ns) throw internal(`${prefix}unknown FS magic on "${call.netns}": 1021994`);
  return ns;
}
