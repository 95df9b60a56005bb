import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { walk } from '../../shell/vfs/walk.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* missing(name: string): Program {
  yield* printErr(`${name}: missing operand\nTry '${name} --help' for more information.\n`);
  return 1;
}

export const commands = [
  defineCommand({
    name: 'readlink',
    dir: '/usr/bin',
    summary: 'print where a link leads',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-f -e -n'),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, {
        short: 'femnqsvz',
        long: { canonicalize: 'f', 'canonicalize-existing': 'e', 'no-newline': 'n' },
      });
      if (typeof parsed === 'number') return parsed;
      if (parsed.operands.length === 0) return yield* missing('readlink');
      let status = 0;
      for (const path of parsed.operands) {
        const at = walk(proc, path, true);
        const whole = hasOption(parsed, 'f')
          ? at.ok
            ? at.value.path
            : null
          : at.ok && at.value.node
            ? at.value.path
            : null;
        const link = vfsOf(proc).readlink(path);
        const text = hasOption(parsed, 'f') || hasOption(parsed, 'e') ? whole : link.ok ? link.value : null;
        if (text === null) status = 1;
        else yield* print(text + (hasOption(parsed, 'n') ? '' : '\n'));
      }
      return status;
    },
  }),
  defineCommand({
    name: 'realpath',
    dir: '/usr/bin',
    summary: 'print the resolved path',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-e'),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, { short: 'emLPqsz', long: { 'canonicalize-existing': 'e' } });
      if (typeof parsed === 'number') return parsed;
      if (parsed.operands.length === 0) return yield* missing('realpath');
      let status = 0;
      for (const path of parsed.operands) {
        const at = walk(proc, path, true);
        if (at.ok && (at.value.node || !hasOption(parsed, 'e'))) yield* print(`${at.value.path}\n`);
        else {
          yield* printErr(`realpath: ${path}: ${strerror(at.ok ? 'ENOENT' : at.errno)}\n`);
          status = 1;
        }
      }
      return status;
    },
  }),
  defineCommand({
    name: 'basename',
    dir: '/usr/bin',
    summary: "a path's last part",
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-a -s=SUFFIX'),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, { short: '+as:z', long: { multiple: 'a', 'suffix=': 's' } });
      if (typeof parsed === 'number') return parsed;
      const suffixed = parsed.options.findLast((o) => o.key === 's')?.value;
      const many = hasOption(parsed, 'a') || suffixed !== undefined;
      if (parsed.operands.length === 0) return yield* missing('basename');
      if (!many && parsed.operands.length > 2) {
        yield* printErr(
          `basename: extra operand ‘${parsed.operands[2]}’\nTry 'basename --help' for more information.\n`,
        );
        return 1;
      }
      const suffix = suffixed ?? (many ? '' : (parsed.operands[1] ?? ''));
      for (const path of many ? parsed.operands : parsed.operands.slice(0, 1)) {
        const base = path.replace(/(?<=.)\/+$/, '').replace(/^.*\/(?=.)/, '');
        yield* print(
          `${suffix !== '' && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base}\n`,
        );
      }
      return 0;
    },
  }),
  defineCommand({
    name: 'dirname',
    dir: '/usr/bin',
    summary: "a path's directory",
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(proc, { short: 'z' });
      if (typeof parsed === 'number') return parsed;
      if (parsed.operands.length === 0) return yield* missing('dirname');
      for (const path of parsed.operands) {
        const trimmed = path.replace(/(?<=.)\/+$/, '');
        const at = trimmed.lastIndexOf('/');
        yield* print(`${at < 0 ? '.' : trimmed.slice(0, at).replace(/\/+$/, '') || '/'}\n`);
      }
      return 0;
    },
  }),
];
