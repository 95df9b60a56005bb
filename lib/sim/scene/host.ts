/** A Debian 12 machine before any cluster: its files, its programs, its root namespace with `lo` up. */
import type { Image } from '../commands/contract.ts';
import { type CommandStub, installedCommands } from '../commands/provider.ts';
import { createHost } from '../kernel/create.ts';
import type { Host, World } from '../kernel/world.ts';
import { findLink, setLink } from '../linux/link/ops.ts';
import { createNetns } from '../linux/netns/netns.ts';
import { copyTree, fileNode, putDir, putFile, putNode, shareFile, shareLeaves } from '../shell/vfs/tree.ts';
import type { DirNode, FileNode } from '../shell/vfs/types.ts';

const emptyDir = (): DirNode => ({ type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() });

/** The programs of an image by directory, for one set of installed commands. The files are shared by all who have them. */
interface ProgramFiles {
  commands: readonly CommandStub[];
  dirs: Map<string, [string, FileNode][]>;
}

const programFiles = new Map<Image, ProgramFiles>();

function filesOf(image: Image): ProgramFiles {
  const commands = installedCommands();
  const known = programFiles.get(image);
  if (known?.commands === commands) return known;
  const dirs: ProgramFiles['dirs'] = new Map();
  for (const command of commands) {
    if (!command.images.includes(image)) continue;
    let files = dirs.get(command.dir);
    if (!files) dirs.set(command.dir, (files = []));
    for (const name of [command.name, ...(command.aliases ?? [])])
      files.push([command.file ?? name, shareFile(fileNode('', { mode: 0o755, program: name }))]);
  }
  const made = { commands, dirs };
  programFiles.set(image, made);
  return made;
}

/** Puts the programs of an image where `which` finds them. */
export function installPrograms(root: DirNode, image: Image): void {
  for (const [dir, files] of filesOf(image).dirs) {
    const { entries } = putDir(root, dir);
    for (const [name, file] of files) entries.set(name, file);
  }
}

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;

let base: DirNode | null = null;

/** The directories, devices and small files every root file system has. */
export function baseFileSystem(hostname: string): DirNode {
  base ??= makeBase();
  const root = copyTree(base);
  putFile(root, '/etc/hostname', `${hostname}\n`);
  return root;
}

function makeBase(): DirNode {
  const root = emptyDir();
  for (const dir of [
    '/root',
    '/home',
    '/opt',
    '/usr/bin',
    '/usr/sbin',
    '/usr/lib',
    '/etc',
    '/var/lib',
    '/var/log',
    '/run',
    '/dev',
    '/proc',
    '/sys',
    '/mnt',
  ]) {
    putDir(root, dir);
  }
  putDir(root, '/tmp', { mode: 0o1777 });
  for (const [link, target] of [
    ['/bin', 'usr/bin'],
    ['/sbin', 'usr/sbin'],
    ['/lib', 'usr/lib'],
    ['/var/run', '/run'],
  ] as const) {
    putNode(root, link, { type: 'symlink', target, mode: 0o777, uid: 0, gid: 0, mtime: 0 });
  }
  putNode(root, '/proc', { ...emptyDir(), mount: 'proc', mode: 0o555 });
  putNode(root, '/sys', { ...emptyDir(), mount: 'sysfs', mode: 0o555 });
  for (const device of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'stdin', 'stdout', 'stderr']) {
    putNode(root, `/dev/${device}`, { type: 'device', device, mode: 0o666, uid: 0, gid: 0, mtime: 0 });
  }
  putFile(root, '/etc/hostname', '');
  putFile(root, '/etc/hosts', `127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n`);
  putFile(root, '/etc/os-release', OS_RELEASE);
  putFile(
    root,
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  );
  putFile(root, '/etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  putFile(root, '/etc/resolv.conf', '');
  putFile(root, '/etc/nsswitch.conf', 'hosts: files dns\n');
  shareLeaves(root);
  return root;
}

/** Adds a host with its base system; `lo` is up. */
export function addHost(world: World, name: string): Host {
  const host = createHost(world, name, baseFileSystem(name));
  installPrograms(host.fs, 'node');
  const ns = createNetns(world, host, name);
  host.rootNs = ns.id;
  const lo = findLink(ns, 'lo');
  if (lo) setLink(world, ns, lo, { up: true });
  return host;
}
