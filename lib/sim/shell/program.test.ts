import fc from 'fast-check';
import { expect, it } from 'vitest';
import '#sim/commands/load.ts';
import type { Proc } from '#sim/kernel/process.ts';
import { buildScene } from '#sim/scene/build.ts';
import { lookPath } from './program.ts';
import { fileNode, putNode } from './vfs/tree.ts';
import type { DirNode } from './vfs/types.ts';
import { vfsOf } from './vfs/vfs.ts';

/** What execvp(3) does, directory by directory. */
function byStat(proc: Proc, name: string, path: string): string | null {
  for (const dir of path.split(':')) {
    const file = `${dir === '' ? '.' : dir}/${name}`;
    const at = vfsOf(proc).stat(file);
    if (at.ok && at.value.type === 'file' && (at.value.mode & 0o111) !== 0) return file;
  }
  return null;
}

const DIRS = [
  '',
  '.',
  '/',
  '/usr/bin',
  '/usr/sbin/',
  '/bin',
  '/proc/self',
  '/proc/sys',
  '/opt/x',
  '/opt/x/../y',
  '/opt/f',
  '/nosuch',
  'usr',
  '/opt//y',
];
const NAMES = ['ip', 'ls', 'nosuch', 'tool', 'plain', 'link', 'dangling', 'dir', '.', '..', 'status', '_'];

it('finds by PATH what stat finds in each directory', () => {
  const machine = buildScene('bare', 1);
  const host = [...machine.world.hosts.values()][0];
  if (!host) throw new Error('no host');
  const root: DirNode = host.fs;
  for (const dir of ['/opt/x', '/opt/y']) {
    putNode(root, `${dir}/plain`, fileNode('', { mode: 0o644 }));
    putNode(root, `${dir}/dir/in`, fileNode('', { mode: 0o755 }));
    putNode(root, `${dir}/link`, { type: 'symlink', target: '../y/tool', mode: 0o777, uid: 0, gid: 0, mtime: 0 });
    putNode(root, `${dir}/dangling`, { type: 'symlink', target: 'gone', mode: 0o777, uid: 0, gid: 0, mtime: 0 });
  }
  putNode(root, '/opt/y/tool', fileNode('', { mode: 0o755 }));
  putNode(root, '/opt/f', fileNode('', { mode: 0o755 }));
  const proc = machine.spawn({ host, argv: ['bash'], cwd: '/opt/y' });
  if (!proc) throw new Error('no process');
  let found = 0;
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), fc.array(fc.constantFrom(...DIRS), { maxLength: 4 }), (name, dirs) => {
      const path = dirs.join(':');
      const at = lookPath(proc, name, path);
      expect(at).toBe(byStat(proc, name, path));
      if (at !== null) found++;
    }),
    { numRuns: 600 },
  );
  expect(found).toBeGreaterThan(30);
});
