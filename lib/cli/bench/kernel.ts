/** The machine's own kernel, in namespaces that vanish with the shell that holds them. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const TOOLS = ['ip', 'bridge', 'sysctl', 'iptables', 'iptables-save', 'iptables-restore'];

/** Why the kernel cannot be measured here; null when it can. */
export function kernelMissing(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const found = spawnSync('unshare', [...UNSHARE, 'bash', '-c', `command -v ${TOOLS.join(' ')}`], { encoding: 'utf8' });
  if (found.error || found.signal) return 'no namespaces';
  return found.stdout.trim().split('\n').length === TOOLS.length ? null : `one of ${TOOLS.join(', ')} is missing`;
}

export interface Ran {
  ms: number;
  exit: number;
  stdout: string;
  stderr: string;
}

/** A bash in its own network, mount and process namespaces, with an empty /run/netns. */
export class KernelShell {
  private readonly dir = mkdtempSync(join(tmpdir(), 'flatnet-bench-'));
  private readonly bash: ChildProcessWithoutNullStreams;
  private said = '';
  private wake: (() => void) | null = null;
  private ended = false;

  private constructor() {
    this.bash = spawn('unshare', [...UNSHARE, 'bash', '--noprofile', '--norc'], {
      env: { ...process.env, LANG: 'C.UTF-8' },
      stdio: 'pipe',
    });
    this.bash.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
      this.wake?.();
    });
    this.bash.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  static async open(): Promise<KernelShell> {
    const shell = new KernelShell();
    const { exit, stderr } = await shell.run(
      'mount -t tmpfs tmpfs /run && mkdir -p /run/netns && ip link set lo up && sysctl -qw net.ipv6.conf.default.disable_ipv6=1',
    );
    if (exit !== 0) throw new Error(`no namespaces for the kernel: ${stderr}`);
    return shell;
  }

  /** Runs a script with this standard input, and times it inside the shell. */
  async run(script: string, stdin = ''): Promise<Ran> {
    const file = (name: string) => join(this.dir, name);
    writeFileSync(file('in'), stdin);
    writeFileSync(file('script'), script);
    this.said = '';
    this.bash.stdin.write(
      `s=$EPOCHREALTIME; . ${file('script')} <${file('in')} >${file('out')} 2>${file('err')}; r=$?; e=$EPOCHREALTIME; echo "$s $e $r"\n`,
    );
    while (!this.said.includes('\n')) {
      if (this.ended) throw new Error('the kernel shell ended');
      await new Promise<void>((done) => {
        this.wake = done;
      });
    }
    const [start = '', end = '', exit = ''] = this.said.trim().split(' ');
    return {
      ms: (Number(end) - Number(start)) * 1000,
      exit: Number(exit),
      stdout: readFileSync(file('out'), 'utf8'),
      stderr: readFileSync(file('err'), 'utf8'),
    };
  }

  async close(): Promise<void> {
    if (!this.ended) {
      const closed = new Promise<void>((done) => {
        this.bash.once('close', () => done());
      });
      this.bash.stdin.end('exit\n');
      await closed;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const LISTENER =
  'import socket,sys;l=socket.socket();l.setsockopt(1,2,1);l.bind(("",8080));l.listen(512)\nwhile 1:\n c,_=l.accept();c.close()';

const CALLER = `import socket,struct,sys,time
ip,count=sys.argv[1],int(sys.argv[2])
for _ in range(count):
 s=socket.socket();s.setsockopt(socket.SOL_SOCKET,socket.SO_LINGER,struct.pack("ii",1,0));s.settimeout(3)
 t=time.perf_counter_ns();s.connect((ip,80));u=time.perf_counter_ns();s.close();print((u-t)/1000);time.sleep(0.0002)`;

const FLOOD = `import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.connect(("10.244.2.2",9000));m=b"x"*64;t=time.time();n=0
while time.time()-t<1.0:
 for _ in range(1000): s.send(m)
 n+=1000`;
const SINK = `import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.setsockopt(1,8,1<<24);s.bind(("",9000));s.recv(99);t=time.time();n=0
while time.time()-t<0.9:
 s.recv(99);n+=1
print(n/(time.time()-t))`;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Programs that take connections in the Pods behind the Services. False when there is no python3. */
export async function startListeners(kernel: KernelShell, pods: readonly string[]): Promise<boolean> {
  if ((await kernel.run('command -v python3')).exit !== 0) return false;
  const start = pods.map((p) => `ip netns exec ${p} python3 -c ${quote(LISTENER)} </dev/null >/dev/null 2>&1 &`);
  return (await kernel.run(`${start.join('\n')}\nsleep 0.5`)).exit === 0;
}

/** µs of each TCP connect from a Pod, seen by a program (its own overhead of a few µs included). */
export async function kernelConnects(kernel: KernelShell, pod: string, ip: string, count: number): Promise<number[]> {
  const { stdout, stderr, exit } = await kernel.run(`ip netns exec ${pod} python3 -c ${quote(CALLER)} ${ip} ${count}`);
  if (exit !== 0) throw new Error(`the kernel's connect to ${ip} failed: ${stderr}`);
  return stdout.trim().split('\n').map(Number);
}

/** 64-byte datagrams a second that reach a Pod on another node. */
export async function kernelFlood(kernel: KernelShell, from: string, to: string): Promise<number> {
  const { stdout } = await kernel.run(
    `ip netns exec ${to} python3 -c ${quote(SINK)} & sleep 0.3; ip netns exec ${from} python3 -c ${quote(FLOOD)}; wait $!`,
  );
  return Number(stdout);
}
