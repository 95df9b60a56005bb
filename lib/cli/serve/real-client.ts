/** The real kubectl of this machine, pointed at a served world. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  stdout: string;
  stderr: string;
  exit: number;
}

/** The version that the modelled client imitates. */
export const PINNED = '1.33';

/** Where distributions and the Cloud SDK put it; the pinned version first. */
const PLACES = [
  process.env.FLATNET_KUBECTL ?? '',
  `/usr/lib/google-cloud-sdk/bin/kubectl.${PINNED}`,
  '/usr/local/bin/kubectl',
  '/usr/bin/kubectl',
];

/** The client's path, or null where there is none. */
export const findClient = (): string | null => PLACES.find((place) => place !== '' && existsSync(place)) ?? null;

/** Real milliseconds that one command line may take. */
const TIMEOUT = 40_000;

export class RealClient {
  private readonly home = mkdtempSync(join(tmpdir(), 'flatnet-kubectl-'));

  /** `kubeconfig` is the text that the model's hosts have; requests go to `port` on loopback. */
  constructor(client: string, port: number, kubeconfig: string) {
    writeFileSync(join(this.home, 'config'), kubeconfig);
    // It calls itself by the name it was started with.
    const named = join(this.home, 'real', 'kubectl');
    mkdirSync(join(this.home, 'real'));
    symlinkSync(client, named);
    writeFileSync(
      join(this.home, 'kubectl'),
      `#!/bin/sh\ncase "$1" in config) exec ${named} "$@";; *) exec ${named} --server http://127.0.0.1:${port} "$@";; esac\n`,
      { mode: 0o755 },
    );
  }

  /** Runs a command line as `bash -c` does. */
  run(cmd: string, stdin = ''): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = execFile(
        '/bin/bash',
        ['-c', cmd],
        {
          cwd: this.home,
          env: {
            ...process.env,
            PATH: `${this.home}:/usr/local/bin:/usr/bin:/bin`,
            HOME: this.home,
            KUBECONFIG: join(this.home, 'config'),
            LANG: 'C.UTF-8',
          },
          timeout: TIMEOUT,
          maxBuffer: 16_000_000,
        },
        (error, stdout, stderr) => {
          const exit = error ? (typeof error.code === 'number' ? error.code : 137) : 0;
          resolve({ stdout, stderr, exit });
        },
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(stdin);
    });
  }

  close(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
