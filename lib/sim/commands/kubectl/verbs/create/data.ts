/** ConfigMaps and Secrets from literals and files. Source: k8s.io/kubectl pkg/cmd/create/create_{configmap,secret*}.go, pkg/util/util.go. */
import type { Proc } from '../../../../kernel/process.ts';
import { vfsOf } from '../../../../shell/vfs/vfs.ts';
import { encodeBase64 } from '../../../../text/base64.ts';
import { errnoText } from '../../../../text/strerror.ts';
import { utf8Encode } from '../../../../text/utf8.ts';
import { type Call, flagValue } from '../../contract.ts';
import { goJson } from '../../write/applied.ts';
import type { Generator } from './generator.ts';

export const base64 = (text: string): string => encodeBase64(utf8Encode(text));

const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const ENV_RULE = "a valid environment variable name must consist only of printable ASCII characters other than '='";

class Refused extends Error {}

const reason = (errno: string): string => errnoText(errno).toLowerCase();

type Add = (key: string, value: string) => void;

function read(proc: Proc, file: string): string {
  const found = vfsOf(proc).readFile(file);
  if (!found.ok) throw new Refused(`open ${file}: ${reason(found.errno)}`);
  return found.value;
}

function fromFile(proc: Proc, source: string, add: Add): void {
  const parts = source.split('=');
  if (parts.length > 2 || (parts.length === 2 && parts[1] === ''))
    throw new Refused(
      parts.length > 2 ? "key names or file paths cannot contain '='" : `file path for key name ${parts[0]} missing`,
    );
  if (parts.length === 2 && parts[0] === '') throw new Refused(`key name for file path ${parts[1]} missing`);
  const path = parts.at(-1) as string;
  const vfs = vfsOf(proc);
  const stat = vfs.stat(path);
  if (!stat.ok) throw new Refused(`error reading ${path}: ${reason(stat.errno)}`);
  if (!vfs.isDir(path)) {
    add(parts.length === 2 ? (parts[0] as string) : (path.split('/').at(-1) as string), read(proc, path));
    return;
  }
  if (parts.length === 2) throw new Refused('cannot give a key name for a directory path');
  const names = vfs.readdir(path);
  for (const name of names.ok ? [...names.value].sort() : []) {
    const inside = vfs.lstat(`${path}/${name}`);
    if (inside.ok && inside.value.type === 'file') add(name, read(proc, `${path}/${name}`));
  }
}

function fromEnvFile(proc: Proc, file: string, add: Add): void {
  const vfs = vfsOf(proc);
  const stat = vfs.stat(file);
  if (!stat.ok) throw new Refused(`error reading ${file}: ${reason(stat.errno)}`);
  if (vfs.isDir(file)) throw new Refused('env config file cannot be a directory');
  for (const raw of read(proc, file).split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [key = '', value] = line.split(/=(.*)/s, 2);
    if (!/^[ -<>-~]+$/.test(key)) throw new Refused(`${JSON.stringify(key)} is not a valid key name: ${ENV_RULE}`);
    add(key, value ?? proc.env.get(key) ?? '');
  }
}

/** Everything that the command line's sources give. */
function gather({ proc, flags }: Call, refuse: (key: string, taken: boolean) => string | null): Record<string, string> {
  const data: Record<string, string> = {};
  const add: Add = (key, value) => {
    const wrong = refuse(key, Object.hasOwn(data, key));
    if (wrong !== null) throw new Refused(wrong);
    data[key] = value;
  };
  const list = (name: string): string[] => (flags.values.get(name) ?? []).flatMap((v) => v.split(','));
  for (const source of list('from-file')) fromFile(proc, source, add);
  for (const literal of flags.values.get('from-literal') ?? []) {
    const [key = '', value] = literal.split(/=(.*)/s, 2);
    if (value === undefined || key === '') throw new Refused(`invalid literal source ${literal}, expected key=value`);
    add(key, value);
  }
  for (const file of list('from-env-file')) fromEnvFile(proc, file, add);
  return data;
}

const SOURCES = [{ name: 'from-file' }, { name: 'from-literal' }, { name: 'from-env-file' }];
const validKey = (key: string): boolean =>
  /^[-._a-zA-Z0-9]+$/.test(key) && key.length <= 253 && key !== '.' && !key.startsWith('..');

function caught<T>(make: () => T): T | { error: string } {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refused) return { error: error.message };
    throw error;
  }
}

const mixed = ({ flags }: Call): boolean =>
  flags.values.has('from-env-file') && (flags.values.has('from-file') || flags.values.has('from-literal'));
const MIXED = { error: 'from-env-file cannot be combined with from-file or from-literal' };

export const configMap: Generator = {
  path: 'configmap',
  aliases: ['cm'],
  summary: 'Create a config map from a local file, directory or literal value',
  resource: 'configmaps',
  flags: SOURCES,
  failed: 'failed to create configmap:',
  generate(call, name) {
    if (mixed(call)) return MIXED;
    return caught(() => {
      const data = gather(call, (key, taken) =>
        !validKey(key)
          ? `${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${KEY_RULE}`
          : taken
            ? `cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"`
            : null,
      );
      const filled = Object.keys(data).length > 0 ? { data } : {};
      return { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...filled } };
    });
  },
};

const secretOf = (name: string, data: Record<string, string>, type: string | undefined) => ({
  object: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(Object.keys(data).length > 0
      ? { data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, base64(v)])) }
      : {}),
    ...(type ? { type } : {}),
  },
});

const secretKey = (key: string, taken: boolean): string | null =>
  !validKey(key)
    ? `${JSON.stringify(key)} is not valid key name for a Secret ${KEY_RULE}`
    : taken
      ? `cannot add key ${key}, another key by that name already exists`
      : null;

const generic: Generator = {
  path: 'secret generic',
  summary: 'Create a secret from a local file, directory, or literal value',
  resource: 'secrets',
  flags: [...SOURCES, { name: 'type' }],
  failed: 'failed to create secret',
  generate(call, name) {
    if (mixed(call)) return MIXED;
    return caught(() => secretOf(name, gather(call, secretKey), flagValue(call.flags, 'type')));
  },
};

const docker: Generator = {
  path: 'secret docker-registry',
  summary: 'Create a secret for use with a Docker registry',
  resource: 'secrets',
  flags: ['docker-username', 'docker-password', 'docker-email', 'docker-server', 'from-file'].map((name) => ({ name })),
  failed: 'failed to create secret',
  generate(call, name) {
    const { flags } = call;
    const type = 'kubernetes.io/dockerconfigjson';
    if (flags.values.has('from-file'))
      return caught(() => {
        const files = gather(call, secretKey);
        return secretOf(name, files, type);
      });
    const username = flagValue(flags, 'docker-username');
    const password = flagValue(flags, 'docker-password');
    const email = flagValue(flags, 'docker-email');
    const server = flagValue(flags, 'docker-server') ?? 'https://index.docker.io/v1/';
    if (!username || !password || !server)
      return {
        error:
          'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      };
    const auth = base64(`${username}:${password}`);
    const entry = { username, password, ...(email ? { email } : {}), auth };
    return secretOf(name, { '.dockerconfigjson': goJson({ auths: { [server]: entry } }) }, type);
  },
};

const tls: Generator = {
  path: 'secret tls',
  summary: 'Create a TLS secret',
  resource: 'secrets',
  flags: [{ name: 'cert' }, { name: 'key' }],
  failed: 'failed to create secret',
  generate({ proc, flags }, name) {
    const [key, cert] = [flagValue(flags, 'key'), flagValue(flags, 'cert')];
    if (!key || !cert) return { error: 'key and cert must be specified' };
    return caught(() => {
      const data = { 'tls.crt': read(proc, cert), 'tls.key': read(proc, key) };
      if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(data['tls.crt']))
        throw new Refused('tls: failed to find any PEM data in certificate input');
      if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----/.test(data['tls.key']))
        throw new Refused('tls: failed to find any PEM data in key input');
      return secretOf(name, data, 'kubernetes.io/tls');
    });
  },
};

export const secrets: Generator[] = [docker, generic, tls];
