/** md5sum and sha256sum of coreutils 9.1. */
import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { toBytes } from '../../text/bytes.ts';
import { md5 } from '../../text/md5.ts';
import { sha256 } from '../../text/sha2.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, linesOf, readInput } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc, digest: (bytes: string) => string): Program {
  const name = (proc.argv[0] ?? '').replace(/^.*\//, '');
  const parsed = yield* coreutilsOptions(proc, { short: 'bct', long: { binary: 'b', check: 'c', text: 't' } });
  if (typeof parsed === 'number') return parsed;
  let status = 0;
  for (const path of parsed.operands.length > 0 ? parsed.operands : ['-']) {
    const got = yield* readInput(proc, path);
    if ('errno' in got) {
      yield* printErr(`${name}: ${path}: ${strerror(got.errno)}\n`);
      status = 1;
    } else if (!hasOption(parsed, 'c')) {
      yield* print(`${digest(toBytes(got.text))} ${hasOption(parsed, 'b') ? '*' : ' '}${path}\n`);
    } else {
      let failed = 0;
      for (const line of linesOf(got.text)) {
        const m = /^([0-9a-f]+) [ *](.*)$/.exec(line);
        if (!m) return yield* notModelled(`${name} -c with lines of another form`);
        const file = yield* readInput(proc, m[2] as string);
        if ('errno' in file) return yield* notModelled(`${name} -c with files that cannot be read`);
        const same = digest(toBytes(file.text)) === m[1];
        if (!same) failed++;
        yield* print(`${m[2]}: ${same ? 'OK' : 'FAILED'}\n`);
      }
      if (failed > 0) {
        yield* printErr(`${name}: WARNING: ${failed} computed checksum${failed > 1 ? 's' : ''} did NOT match\n`);
        status = 1;
      }
    }
  }
  return status;
}

export const commands = [
  defineCommand({
    name: 'md5sum',
    dir: '/usr/bin',
    summary: 'MD5 checksums',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-b -c -t'),
    run: (proc) => run(proc, md5),
  }),
  defineCommand({
    name: 'sha256sum',
    dir: '/usr/bin',
    summary: 'SHA-256 checksums',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-b -c -t'),
    run: (proc) => run(proc, sha256),
  }),
];
