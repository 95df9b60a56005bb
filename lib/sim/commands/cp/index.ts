import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption, readInput } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: 'adfiLnpPrRt:Tuv',
  notModelled: ['i', 'u'],
  long: {
    archive: 'a',
    force: 'f',
    recursive: 'r',
    verbose: 'v',
    'no-clobber': 'n',
    'target-directory=': 't',
    'no-target-directory': 'T',
    'preserve?': 'p',
    dereference: 'L',
  },
};
const baseName = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '') || '/';

function* run(proc: Proc): Program {
  const name = proc.argv[0] ?? 'cp';
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const operands = [...parsed.operands];
  const given = lastOption(parsed, 't');
  const target = given ?? operands.pop();
  if (target === undefined || operands.length === 0) {
    const [only] = parsed.operands;
    yield* printErr(
      `${name}: missing ${only === undefined ? 'file operand' : `destination file operand after '${only}'`}\nTry '${name} --help' for more information.\n`,
    );
    return 1;
  }
  const vfs = vfsOf(proc);
  const into = vfs.isDir(target) && !hasOption(parsed, 'T');
  if (operands.length > 1 && !into) {
    yield* printErr(
      `${name}: target '${target}' is not a directory\n`
        .replace('is not a directory', vfs.exists(target) ? 'is not a directory' : 'No such file or directory')
        .replace(/target '(.*)' No/, "target '$1': No"),
    );
    return 1;
  }
  const flags = {
    recursive: ['r', 'R', 'a'].some((k) => hasOption(parsed, k)),
    links: hasOption(parsed, 'a') || hasOption(parsed, 'd') || hasOption(parsed, 'P'),
    keep: hasOption(parsed, 'a') || hasOption(parsed, 'p'),
    verbose: hasOption(parsed, 'v'),
    skip: hasOption(parsed, 'n'),
  };
  let status = 0;
  for (const source of operands) {
    const to = into ? `${target.replace(/\/+$/, '')}/${baseName(source)}` : target;
    if (yield* copy(proc, source, to, flags, 0)) status = 1;
  }
  return status;
}

interface Flags {
  recursive: boolean;
  links: boolean;
  keep: boolean;
  verbose: boolean;
  skip: boolean;
}

/** Copies one path; true when something failed. */
function* copy(proc: Proc, from: string, to: string, flags: Flags, depth: number): Io<boolean> {
  const vfs = vfsOf(proc);
  const fail = function* (message: string): Io<boolean> {
    yield* printErr(`cp: ${message}\n`);
    return true;
  };
  const stat = flags.links || depth > 0 ? vfs.lstat(from) : vfs.stat(from);
  if (!stat.ok) return yield* fail(`cannot stat '${from}': ${strerror(stat.errno)}`);
  const { node, type, mode } = stat.value;
  const there = vfs.stat(to);
  if (there.ok && there.value.node === node) return yield* fail(`'${from}' and '${to}' are the same file`);
  if (flags.skip && there.ok && type !== 'dir') return false;
  if (type === 'dir') {
    if (!flags.recursive) return yield* fail(`-r not specified; omitting directory '${from}'`);
    if (there.ok && there.value.type !== 'dir')
      return yield* fail(`cannot overwrite non-directory '${to}' with directory '${from}'`);
    const real = vfs.resolve(from);
    const parent = vfs.resolve(to.replace(/\/[^/]*\/*$/, '') || '.');
    if (depth > 100 || (real.ok && parent.ok && `${parent.value}/`.startsWith(`${real.value}/`)))
      return yield* fail(`cannot copy a directory, '${from}', into itself, '${to}'`);
    if (!there.ok) {
      const made = vfs.mkdir(to.replace(/\/+$/, ''), mode);
      if (!made.ok) return yield* fail(`cannot create directory ‘${to}’: ${strerror(made.errno)}`);
    }
    if (flags.verbose) yield* print(`'${from}' -> '${to}'\n`);
    const names = vfs.readdir(from);
    let failed = false;
    for (const n of names.ok ? names.value : [])
      failed =
        (yield* copy(proc, `${from.replace(/\/+$/, '')}/${n}`, `${to.replace(/\/+$/, '')}/${n}`, flags, depth + 1)) ||
        failed;
    return failed;
  }
  if (there.ok && there.value.type === 'dir')
    return yield* fail(`cannot overwrite directory '${to}' with non-directory`);
  let done: { ok: true } | { ok: false; errno: string };
  if (node.type === 'symlink') done = vfs.symlink(node.target, to);
  else if (node.type === 'file' && node.program !== undefined) {
    if (there.ok) vfs.unlink(to);
    done = vfs.mknod(to, { ...node });
  } else {
    const got = yield* readInput(proc, from);
    if ('errno' in got) return yield* fail(`cannot open '${from}' for reading: ${strerror(got.errno)}`);
    done = vfs.writeFile(to, got.text, mode);
  }
  if (!done.ok) return yield* fail(`cannot create regular file '${to}': ${strerror(done.errno)}`);
  if (flags.keep) vfs.utimes(to, stat.value.mtime);
  if (flags.verbose) yield* print(`'${from}' -> '${to}'\n`);
  return false;
}

export const command = defineCommand({
  name: 'cp',
  dir: '/usr/bin',
  summary: 'copy files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-a -d -f -n -p -r -R -t=DIR -T -v ! -i -u'),
  run,
});
