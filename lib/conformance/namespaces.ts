/** Private network, mount, process and host-name namespaces on this machine, in which commands run as on a bare host. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command sees: nothing of the environment the recorder itself runs in. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
  TERM: 'dumb',
};

const LIMIT = 20_000;

/**
 * Runs as process 1 inside. Mounts are private (`--propagation private`), so they end with it: empty /run, /tmp, /root
 * and CNI state; names come from /etc/hosts alone; /sys shows this network namespace.
 */
const SETUP = `set -e
echo node > /proc/sys/kernel/hostname
nss=$(mktemp /var/tmp/nss.XXXXXX)
for base in passwd group hosts services protocols ethers; do echo "$base: files"; done > "$nss"
chmod 644 "$nss"
mount --bind "$nss" /etc/nsswitch.conf
rm "$nss"
mkdir -p /var/lib/cni
mount -t tmpfs -o mode=1777 none /tmp
for dir in /run /root /var/lib/cni; do mount -t tmpfs -o mode=755 none "$dir"; done
mkdir /run/netns
mount -t sysfs none /sys 2>/dev/null || true
ip link set lo up
echo ready
exec sleep infinity`;

export interface Ran {
  stdout: string;
  stderr: string;
  /** The exit status, 128 + signal, or `timeout`. */
  exit: number | 'timeout';
}

export class Namespaces {
  private constructor(
    private readonly holder: ChildProcess,
    private readonly init: string,
    private readonly dir: string,
  ) {}

  /** Makes a fresh set. Throws when that needs root. */
  static async open(): Promise<Namespaces> {
    const flags = ['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const holder = spawn('unshare', [...flags, '--propagation', 'private', 'bash', '-c', SETUP], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENVIRONMENT as NodeJS.ProcessEnv,
      cwd: '/',
    });
    let said = '';
    let trouble = '';
    holder.stderr?.on('data', (chunk: Buffer) => {
      trouble += chunk;
    });
    await new Promise<void>((resolve, reject) => {
      holder.stdout?.on('data', (chunk: Buffer) => {
        said += chunk;
        if (said.includes('ready')) resolve();
      });
      holder.on('error', reject);
      holder.on('exit', () => reject(new Error(`no private namespaces: ${trouble.trim() || 'unshare failed'}`)));
    });
    const [init] = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').split(' ');
    return new Namespaces(holder, init as string, mkdtempSync(join(tmpdir(), 'flatnet-record-')));
  }

  /**
   * Runs one command line by `bash -c` in /root, in a session of its own. Output goes to files, so that a program left
   * in the background does not hold the step.
   */
  async run(cmd: string, stdin?: string): Promise<Ran> {
    const path = (name: string) => join(this.dir, name);
    writeFileSync(path('in'), stdin ?? '');
    const fds = [
      openSync(stdin === undefined ? '/dev/null' : path('in'), 'r'),
      openSync(path('out'), 'w+'),
      openSync(path('err'), 'w+'),
    ];
    const inside = ['-t', this.init, '--mount', '--net', '--uts', '--pid', '--wdns=/root'];
    const child = spawn('nsenter', [...inside, 'bash', '-c', cmd], {
      stdio: fds,
      env: ENVIRONMENT as NodeJS.ProcessEnv,
      cwd: '/',
      detached: true,
    });
    const exit = await new Promise<number | 'timeout'>((resolve, reject) => {
      const timer = setTimeout(() => {
        resolve('timeout');
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      }, LIMIT);
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        resolve(code ?? 128 + (SIGNALS[signal as string] ?? 9));
      });
    }).finally(() => fds.forEach((fd) => void closeSync(fd)));
    return { stdout: readFileSync(path('out'), 'utf8'), stderr: readFileSync(path('err'), 'utf8'), exit };
  }

  /** Ends every process inside; the namespaces and their mounts go with them. */
  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.holder.on('exit', resolve));
    this.holder.removeAllListeners('error');
    this.holder.kill('SIGKILL');
    await gone;
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};
