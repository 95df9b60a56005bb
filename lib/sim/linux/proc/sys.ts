/** /proc/sys: sysctls as files. */
import type { Proc } from '../../kernel/process.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { isSysctlDir, sysctlKey, sysctlPaths } from '../sysctl/list.ts';
import { getSysctl, setSysctl } from '../sysctl/sysctl.ts';
import { lazyDir, writable } from './nodes.ts';

/** The file of one sysctl. */
function leaf(proc: Proc, parts: readonly string[]): VNode | null {
  const place = [proc.world, proc.host, proc.netns] as const;
  const key = sysctlKey(parts);
  if (getSysctl(...place, key) === null) return null;
  return writable(
    () => `${getSysctl(...place, key) ?? ''}\n`,
    (data) => setSysctl(...place, key, data),
  );
}

/** The node at a path below /proc/sys. */
export function sysNode(proc: Proc, parts: readonly string[]): VNode | null {
  const file = parts.length > 0 ? leaf(proc, parts) : null;
  if (file) return file;
  if (!isSysctlDir(proc.host, proc.netns, parts)) return null;
  return lazyDir(() => {
    const below = sysctlPaths(proc.host, proc.netns).filter(
      (p) => p.length > parts.length && parts.every((part, i) => p[i] === part),
    );
    const names = new Map<string, VNode>();
    for (const path of below) {
      const name = path[parts.length] as string;
      if (names.has(name)) continue;
      const node =
        path.length === parts.length + 1
          ? leaf(proc, path)
          : lazyDir(() => [...(dirEntries(proc, [...parts, name]) ?? [])]);
      if (node) names.set(name, node);
    }
    return [...names];
  });
}

function dirEntries(proc: Proc, parts: readonly string[]): Map<string, VNode> | null {
  const node = sysNode(proc, parts);
  return node?.type === 'dir' ? node.entries : null;
}
