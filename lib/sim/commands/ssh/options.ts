/** The command line of ssh. */

export interface SshOptions {
  host: string;
  user: string;
  port: number;
  family?: 4 | 6;
  /** ConnectTimeout, seconds; null for TCP's own. */
  timeout: number | null;
  tty: 'auto' | 'force' | 'never';
  quiet: boolean;
  noInput: boolean;
  command: string | null;
}

export const USAGE = `usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]
           [-b bind_address] [-c cipher_spec] [-D [bind_address:]port]
           [-E log_file] [-e escape_char] [-F configfile] [-I pkcs11]
           [-i identity_file] [-J [user@]host[:port]] [-L address]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-Q query_option] [-R address] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] destination [command [argument ...]]
`;

/** Options of ssh that take a value. */
const WITH_VALUE = 'BbcDEeFIiJLlmOopQRSWw';
/** Options of ssh_config that change nothing in the model: keys, and what a connection without loss never needs. */
const HARMLESS =
  /^(StrictHostKeyChecking|UserKnownHostsFile|GlobalKnownHostsFile|LogLevel|BatchMode|IdentityFile|IdentitiesOnly|PasswordAuthentication|PubkeyAuthentication|ServerAliveInterval|ServerAliveCountMax|CheckHostIP)$/i;

/** Reads the arguments. `error` is what ssh says of wrong ones; empty for its usage. */
export function readArguments(argv: readonly string[]): SshOptions | { notModelled: string } | { error: string } {
  const o: SshOptions = {
    host: '',
    user: 'root',
    port: 22,
    timeout: null,
    tty: 'auto',
    quiet: false,
    noInput: false,
    command: null,
  };
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] as string;
    // Options may follow the destination; the command ends them.
    if (arg === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!/^-./.test(arg)) {
      words.push(arg);
      if (words.length > 1) {
        words.push(...argv.slice(i + 1));
        break;
      }
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      let value = '';
      if (WITH_VALUE.includes(letter)) {
        value = arg.slice(at + 1) || (argv[++i] ?? '');
        if (value === '') return { error: `ssh: option requires an argument -- ${letter}\n${USAGE}` };
        at = arg.length;
      }
      const wrong = option(o, letter, value);
      if (wrong) return wrong;
    }
  }
  const target = words.shift();
  if (target === undefined) return { error: '' };
  const at = /^(?:ssh:\/\/)?(?:(.*)@)?([^@]*)$/s.exec(target);
  o.host = (at?.[2] ?? target).replace(/^\[(.*)\]$/, '$1');
  if (at?.[1] !== undefined) o.user = at[1];
  if (o.host === '') return { error: '' };
  if (words.length > 0) o.command = words.join(' ');
  return o;
}

function option(o: SshOptions, letter: string, value: string): { notModelled: string } | { error: string } | null {
  switch (letter) {
    case '4':
    case '6':
      o.family = letter === '4' ? 4 : 6;
      return null;
    case 't':
      o.tty = 'force';
      return null;
    case 'T':
      o.tty = 'never';
      return null;
    case 'q':
      o.quiet = true;
      return null;
    case 'n':
      o.noInput = true;
      return null;
    case 'l':
      o.user = value;
      return null;
    case 'p':
      if (!/^\d{1,5}$/.test(value) || Number(value) === 0 || Number(value) > 65535)
        return { error: `Bad port '${value}'\n` };
      o.port = Number(value);
      return null;
    case 'i':
    case 'a':
    case 'x':
    case 'k':
      return null;
    case 'o':
      return setting(o, value);
    default:
      return 'AaBbCcDEeFfGgIJKLMmNOQRSsVvWwXYy'.includes(letter)
        ? { notModelled: `ssh -${letter}` }
        : { error: `unknown option -- ${letter}\n${USAGE}` };
  }
}

function setting(o: SshOptions, text: string): { notModelled: string } | { error: string } | null {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(text) ?? [];
  const seconds = /^(\d{1,6})s?$/.exec(value);
  switch (name.toLowerCase()) {
    case 'connecttimeout':
      if (!seconds) return { error: `command-line line 0: invalid time value.\n` };
      o.timeout = Number(seconds[1]) || null;
      return null;
    case 'port':
      return option(o, 'p', value);
    case 'user':
      o.user = value;
      return null;
    default:
      return HARMLESS.test(name) ? null : { notModelled: `ssh -o ${text}` };
  }
}
