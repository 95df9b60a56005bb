import type { Proc, Program } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { printErr } from '../io.ts';

export const command = defineCommand({
  name: 'chown',
  aliases: ['chgrp'],
  dir: '/usr/bin',
  summary: "change a file's owner",
  images: ['node', 'netshoot', 'busybox'],
  options: [],
  *run(proc: Proc): Program {
    const [owner, ...paths] = proc.argv.slice(1).filter((a) => !a.startsWith('-'));
    const id = (t: string | undefined) =>
      t === undefined || t === ''
        ? null
        : t === 'root'
          ? 0
          : t === 'nobody' || t === 'nogroup'
            ? 65534
            : /^\d+$/.test(t)
              ? Number(t)
              : undefined;
    const [user, group] = (owner ?? '').split(':');
    const [u, g] = proc.argv[0] === 'chgrp' ? [null, id(owner)] : [id(user), id(group)];
    if (owner === undefined || paths.length === 0 || u === undefined || g === undefined) {
      yield* printErr(
        owner === undefined || paths.length === 0
          ? `${proc.argv[0]}: missing operand\nTry '${proc.argv[0]} --help' for more information.\n`
          : `${proc.argv[0]}: invalid ${u === undefined ? 'user' : 'group'}: '${owner}'\n`,
      );
      return 1;
    }
    let status = 0;
    for (const path of paths) {
      if (vfsOf(proc).chown(path, u, g).ok) continue;
      yield* printErr(`${proc.argv[0]}: cannot access '${path}': No such file or directory\n`);
      status = 1;
    }
    return status;
  },
});
