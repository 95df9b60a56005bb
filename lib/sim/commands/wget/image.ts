import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';

/** Whether the process lives in an image built on busybox: those have `sh` alone, Debian's and toolbox images have bash. */
export const isBusybox = (proc: Proc): boolean => proc.root !== proc.host.fs && !vfsOf(proc).exists('/usr/bin/bash');
