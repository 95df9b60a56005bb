/** /proc/sys: sysctls as files. */
import type { Proc } from '../../kernel/process.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { isSysctlDir, sysctlKey, sysctlNames } from '../sysctl/list.ts';
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
  return lazyDir(() =>
    sysctlNames(proc.host, proc.netns, parts).flatMap((name): [string, VNode][] => {
      const node = sysNode(proc, [...parts, name]);
      return node ? [[name, node]] : [];
    }),
  );
}
