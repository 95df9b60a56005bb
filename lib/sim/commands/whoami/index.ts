import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { userName } from '../stat/mode.ts';

export const commands = [
  defineCommand({
    name: 'whoami',
    dir: '/usr/bin',
    summary: "the user's name",
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      yield* print(`${userName(proc.info.uid)}\n`);
      return 0;
    },
  }),
  defineCommand({
    name: 'id',
    dir: '/usr/bin',
    summary: 'user and groups',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-u -g -n -G'),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, {
        short: 'ugnGr',
        long: { user: 'u', group: 'g', name: 'n', groups: 'G' },
      });
      if (typeof parsed === 'number') return parsed;
      const [name] = parsed.operands;
      if (name !== undefined && name !== 'root' && name !== 'nobody') {
        yield* printErr(`id: '${name}': no such user\n`);
        return 1;
      }
      const uid = name === 'root' ? 0 : name === 'nobody' ? 65534 : proc.info.uid;
      const u = userName(uid);
      const g = userName(uid, true);
      if (hasOption(parsed, 'u')) yield* print(`${hasOption(parsed, 'n') ? u : uid}\n`);
      else if (hasOption(parsed, 'g') || hasOption(parsed, 'G')) yield* print(`${hasOption(parsed, 'n') ? g : uid}\n`);
      else yield* print(`uid=${uid}(${u}) gid=${uid}(${g}) groups=${uid}(${g})\n`);
      return 0;
    },
  }),
];
