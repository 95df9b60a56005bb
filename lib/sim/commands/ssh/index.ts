import { hostEnvironment } from '../../environment.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { execInPlace, findProgram } from '../../shell/program.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { isTty, notModelled, printErr, runChild } from '../io.ts';
import { optionDocs } from '../options.ts';

export const commands = [
  defineCommand({
    name: 'ssh',
    dir: '/usr/bin',
    summary: 'log in to another host',
    images: ['node'],
    options: optionDocs('-t -T -q -o=OPTION -p=PORT -i=FILE -l=USER ! -L -R -D -J'),
    notModelled: ['the connection itself: hosts answer by name whatever the network does'],
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1);
      let forceTty = false;
      while (args[0]?.startsWith('-')) {
        const arg = args.shift() as string;
        if (/^-[LRDJNfW]/.test(arg)) return yield* notModelled(`ssh ${arg.slice(0, 2)}`);
        if (/^-[opilFbcm]$/.test(arg)) args.shift();
        if (arg.startsWith('-t')) forceTty = true;
      }
      const target = args.shift();
      if (target === undefined) {
        yield* printErr('usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-p port] destination [command [argument ...]]\n');
        return 255;
      }
      const name = target.replace(/^.*@/, '');
      const host = proc.world.hosts.get(name);
      if (!host) {
        yield* printErr(`ssh: Could not resolve hostname ${name}: Name or service not known\n`);
        return 255;
      }
      const netns = proc.world.netns.get(host.rootNs);
      if (!netns) return yield* notModelled(`ssh to ${name}: the host has no network`);
      const bash = proc.machine.commands.get('bash');
      if (!bash) return 127;
      const env = hostEnvironment();
      const tty = args.length === 0 || forceTty ? proc.tty : null;
      if (tty) env.set('TERM', 'xterm-256color');
      // The remote shell's process lives on the other host: it is awaited by its end, not by its pid here.
      const child = proc.machine.spawn({
        host,
        netns,
        root: host.fs,
        hostname: host.name,
        container: '',
        cwd: '/root',
        env,
        argv: args.length > 0 ? ['bash', '-c', args.join(' ')] : ['bash'],
        fds: proc.fds,
        tty,
        pgid: proc.pgid,
        main: (p) => bash.run(p),
      });
      if (!child) {
        yield* printErr('ssh: fork: Resource temporarily unavailable\n');
        return 255;
      }
      if (args.length === 0 && isTty(proc, 0)) proc.onInterrupt = () => {};
      proc.atExit.push(() => proc.machine.kill(child, 129));
      yield { op: 'wait', ready: () => child.status !== null, deadline: null };
      if (args.length === 0) yield* printErr(`Connection to ${name} closed.\n`);
      return child.status ?? 255;
    },
  }),
  defineCommand({
    name: 'nsenter',
    dir: '/usr/bin',
    summary: "run a program in another process's namespaces",
    images: ['node'],
    options: optionDocs('-t=PID -n --net=FILE ! -m -p -u -i -a'),
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1);
      let pid: string | undefined;
      let file: string | null = null;
      let net = false;
      while (args[0]?.startsWith('-') && args[0] !== '--') {
        const arg = args.shift() as string;
        const long = /^--(net|target)(?:=(.*))?$/.exec(arg);
        if (arg === '-t' || (long?.[1] === 'target' && long[2] === undefined)) pid = args.shift();
        else if (long?.[1] === 'target') pid = long[2];
        else if (/^-t\d+$/.test(arg)) pid = arg.slice(2);
        else if (arg === '-n' || long?.[1] === 'net') {
          net = true;
          file = long?.[2] ?? null;
        } else if (/^-n./.test(arg)) {
          net = true;
          file = arg.slice(2);
        } else return yield* notModelled(`nsenter ${arg}`);
      }
      if (args[0] === '--') args.shift();
      if (!net) return yield* notModelled('nsenter without --net');
      let id: number | undefined;
      if (file !== null) {
        const at = vfsOf(proc).stat(file);
        if (!at.ok) {
          yield* printErr(`nsenter: cannot open ${file}: No such file or directory\n`);
          return 1;
        }
        id = at.value.node.type === 'netns' ? at.value.node.netns : undefined;
        if (id === undefined) {
          yield* printErr(`nsenter: reassociate to namespace 'ns/net' failed: Invalid argument\n`);
          return 1;
        }
      } else {
        if (pid === undefined) {
          yield* printErr('nsenter: no target PID specified for --net\n');
          return 1;
        }
        id = proc.host.processes.get(Number(pid))?.netns;
        if (id === undefined) {
          yield* printErr(`nsenter: cannot open /proc/${pid}/ns/net: No such file or directory\n`);
          return 1;
        }
      }
      const netns = proc.world.netns.get(id);
      const argv = args.length > 0 ? args : ['bash'];
      const found = findProgram(proc, argv);
      if (!netns || !found.ok) {
        yield* printErr(`nsenter: failed to execute ${argv[0]}: No such file or directory\n`);
        return 127;
      }
      return yield* runChild(proc, { argv: found.argv, main: found.main, netns });
    },
  }),
  defineCommand({
    name: 'su',
    dir: '/usr/bin',
    summary: 'run a shell as another user',
    images: ['node'],
    options: optionDocs('-c=COMMAND'),
    notModelled: ['users other than root'],
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1);
      const at = args.indexOf('-c');
      const command = at >= 0 ? args.splice(at, 2)[1] : undefined;
      const user = args.find((a) => !a.startsWith('-')) ?? 'root';
      if (user !== 'root') {
        yield* printErr(`su: user ${user} does not exist or the user entry does not contain all the required fields\n`);
        return 1;
      }
      const found = findProgram(proc, command === undefined ? ['bash'] : ['bash', '-c', command]);
      return found.ok ? yield* execInPlace(proc, found) : 127;
    },
  }),
  defineCommand({
    name: 'watch',
    dir: '/usr/bin',
    summary: 'run a program again and again',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-n=SECONDS -t -d -e'),
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1);
      let interval = 2;
      let title = true;
      while (args[0]?.startsWith('-')) {
        const arg = args.shift() as string;
        const n = /^(?:-n|--interval=)(.*)$/.exec(arg);
        if (n) interval = Number(n[1] || args.shift()) || 2;
        else if (arg === '-t' || arg === '--no-title') title = false;
      }
      if (args.length === 0) {
        yield* printErr('\nUsage:\n watch [options] command\n');
        return 1;
      }
      const bash = proc.machine.commands.get('sh');
      if (!bash || !isTty(proc, 1)) return yield* notModelled('watch without a terminal');
      const command = args.join(' ');
      for (;;) {
        const head = title ? `Every ${interval.toFixed(1)}s: ${command}\n\n` : '';
        yield { op: 'write', fd: 1, data: `\x1b[H\x1b[2J${head}` };
        yield* runChild(proc, { argv: ['sh', '-c', command], main: (p) => bash.run(p) });
        yield { op: 'sleep', us: Math.max(0.1, interval) * 1e6 };
      }
    },
  }),
  defineCommand({
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
  }),
];
