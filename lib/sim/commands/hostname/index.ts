import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { notModelled, print } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'hostname',
  dir: '/usr/bin',
  summary: "the host's name",
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-s -f ! -i -I -d'),
  *run(proc: Proc): Program {
    const parsed = yield* coreutilsOptions(proc, {
      short: 'sfiIdy',
      long: { short: 's', fqdn: 'f', long: 'f', 'ip-address': 'i', 'all-ip-addresses': 'I', domain: 'd' },
    });
    if (typeof parsed === 'number') return parsed;
    for (const key of ['i', 'I', 'd']) if (hasOption(parsed, key)) return yield* notModelled(`hostname -${key}`);
    if (parsed.operands.length > 0) return yield* notModelled('hostname NAME');
    yield* print(`${hasOption(parsed, 's') ? proc.hostname.split('.')[0] : proc.hostname}\n`);
    return 0;
  },
});
