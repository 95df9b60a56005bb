import type { Io } from '../../../kernel/process.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { printYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { type Call, defineVerb, flagValue, isOn, OUTPUT } from '../contract.ts';
import { configData, configPath, type Entry, type KubeConfig, loadConfig, saveConfig } from '../kubeconfig.ts';
import { printJsonPath } from '../output.ts';

type Done = { text: string } | { error: string; text?: string };

type Sub = (call: Call, args: readonly string[], config: KubeConfig) => Done;

const wrongArguments = (): Done => ({ error: 'error: Unexpected args: []' });

/** Only what the current context needs. */
function minified(config: KubeConfig): KubeConfig {
  const context = config.contexts.get(config.current);
  const keep = (map: Map<string, Entry>, name: unknown): Map<string, Entry> =>
    new Map([...map].filter(([key]) => key === name));
  return {
    current: config.current,
    contexts: keep(config.contexts, config.current),
    clusters: keep(config.clusters, context?.cluster),
    users: keep(config.users, context?.user),
  };
}

const SECRETS = ['certificate-authority-data', 'client-certificate-data', 'client-key-data'];

const censored = (map: Map<string, Entry>): Map<string, Entry> =>
  new Map(
    [...map].map(([name, entry]) => [
      name,
      Object.fromEntries(
        Object.entries(entry).map(([k, v]) => [
          k,
          SECRETS.includes(k) ? 'DATA+OMITTED' : k === 'token' || k === 'password' ? 'REDACTED' : v,
        ]),
      ),
    ]),
  );

const view: Sub = ({ flags }, _args, config) => {
  if (isOn(flags, 'minify') && !config.contexts.has(config.current))
    return { error: 'error: current-context must exist in order to minify' };
  const wanted = isOn(flags, 'minify') ? minified(config) : config;
  const shown = isOn(flags, 'raw')
    ? wanted
    : { ...wanted, clusters: censored(wanted.clusters), users: censored(wanted.users) };
  const data = configData(shown);
  const [format = 'yaml', argument = ''] = (flagValue(flags, 'output') ?? 'yaml').split(/=(.*)/s, 2);
  if (format === 'yaml') return { text: printYaml(data) };
  if (format === 'json') return { text: `${JSON.stringify(data, null, 4)}\n` };
  if (format === 'jsonpath' && argument !== '') return printJsonPath(argument, data, false);
  return {
    error: `error: unable to match a printer suitable for the output format "${format}", allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml`,
  };
};

const getContexts: Sub = ({ flags }, args, config) => {
  const output = flagValue(flags, 'output') ?? '';
  if (output !== '' && output !== 'name') return { error: `error: output must be one of '' or 'name': ${output}` };
  const names = args.length > 0 ? [...args].sort() : [...config.contexts.keys()];
  const known = names.filter((n) => config.contexts.has(n));
  const errors = names.filter((n) => !config.contexts.has(n)).map((n) => `error: context ${n} not found`);
  const rows = known.map((name) => {
    const { cluster = '', user = '', namespace = '' } = config.contexts.get(name) as Record<string, string>;
    return [name === config.current ? '*' : '', name, cluster, user, namespace];
  });
  const header = isOn(flags, 'no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']];
  const text = output === 'name' ? known.map((n) => `${n}\n`).join('') : alignColumns([...header, ...rows]);
  return errors.length > 0 ? { error: errors.join('\n'), text } : { text };
};

const names =
  (field: 'clusters' | 'users'): Sub =>
  (_call, _args, config) => ({ text: ['NAME', ...config[field].keys()].map((n) => `${n}\n`).join('') });

const currentContext: Sub = (_call, _args, { current }) =>
  current === '' ? { error: 'error: current-context is not set' } : { text: `${current}\n` };

const useContext: Sub = ({ proc }, [name, ...more], config) => {
  if (name === undefined || more.length > 0) return wrongArguments();
  if (!config.contexts.has(name)) return { error: `error: no context exists with the name: "${name}"` };
  saveConfig(proc, { ...config, current: name });
  return { text: `Switched to context "${name}".\n` };
};

/** Sets fields of an entry that flags name. */
function modify(call: Call, map: Map<string, Entry>, name: string, fields: readonly string[]): boolean {
  const known = map.get(name);
  const given = fields.flatMap((f): [string, string][] => {
    const value = flagValue(call.flags, f);
    return value === undefined ? [] : [[f, value]];
  });
  map.set(name, { ...known, ...Object.fromEntries(given) });
  return known !== undefined;
}

const setContext: Sub = (call, [given], config) => {
  const name = isOn(call.flags, 'current') ? config.current : given;
  if (isOn(call.flags, 'current') && given !== undefined)
    return { error: 'error: you cannot specify both --current and a context name' };
  if (name === undefined || name === '')
    return {
      error: `error: ${isOn(call.flags, 'current') ? 'no current context is set' : 'you must specify a non-empty context name or --current'}`,
    };
  const known = modify(call, config.contexts, name, ['cluster', 'user', 'namespace']);
  saveConfig(call.proc, config);
  return { text: `Context "${name}" ${known ? 'modified' : 'created'}.\n` };
};

const setCluster: Sub = (call, [name], config) => {
  if (name === undefined) return wrongArguments();
  modify(call, config.clusters, name, ['server', 'certificate-authority', 'tls-server-name']);
  if (isOn(call.flags, 'insecure-skip-tls-verify'))
    config.clusters.set(name, { ...config.clusters.get(name), 'insecure-skip-tls-verify': true });
  saveConfig(call.proc, config);
  return { text: `Cluster "${name}" set.\n` };
};

const setCredentials: Sub = (call, [name], config) => {
  if (name === undefined) return wrongArguments();
  modify(call, config.users, name, ['token', 'username', 'password', 'client-certificate', 'client-key']);
  saveConfig(call.proc, config);
  return { text: `User "${name}" set.\n` };
};

const renameContext: Sub = ({ proc }, [from, to], config) => {
  if (from === undefined || to === undefined) return wrongArguments();
  const context = config.contexts.get(from);
  if (!context) return { error: `error: cannot rename the context "${from}", it's not in ${configPath(proc)}` };
  if (config.contexts.has(to))
    return {
      error: `error: cannot rename the context "${from}", the context "${to}" already exists in ${configPath(proc)}`,
    };
  config.contexts.delete(from);
  config.contexts.set(to, context);
  saveConfig(proc, { ...config, current: config.current === from ? to : config.current });
  return { text: `Context "${from}" renamed to "${to}".\n` };
};

const remove =
  (field: 'contexts' | 'clusters' | 'users', word: string): Sub =>
  ({ proc }, [name = ''], config) => {
    const path = configPath(proc);
    if (!config[field].delete(name)) return { error: `error: cannot delete ${word} ${name}, not in ${path}` };
    saveConfig(proc, config);
    const text = `deleted ${word} ${name} from ${path}\n`;
    return field === 'contexts' && config.current === name
      ? {
          text,
          error:
            'warning: this removed your active context, use "kubectl config use-context" to select a different one',
        }
      : { text };
  };

/** The map and entry that `contexts.dev.namespace` speaks of. */
function propertyOf(config: KubeConfig, path: string): { map: Map<string, Entry>; name: string; field: string } | null {
  const match = /^(clusters|contexts|users)\.(.+)\.([\w-]+)$/.exec(path);
  return match ? { map: config[match[1] as 'clusters'], name: match[2] as string, field: match[3] as string } : null;
}

const set: Sub = ({ proc }, [path, value], config) => {
  if (path === undefined || value === undefined) return wrongArguments();
  const property = propertyOf(config, path);
  if (path === 'current-context') config.current = value;
  else if (property) property.map.set(property.name, { ...property.map.get(property.name), [property.field]: value });
  else return { error: `error: unable to parse ${path.split('.')[0]} after [] at api.Config` };
  saveConfig(proc, config);
  return { text: `Property "${path}" set.\n` };
};

const unset: Sub = ({ proc }, [path], config) => {
  if (path === undefined) return wrongArguments();
  const property = propertyOf(config, path);
  const entry = /^(clusters|contexts|users)\.(.+)$/.exec(path);
  if (path === 'current-context') config.current = '';
  else if (property?.map.has(property.name)) {
    const { [property.field]: _gone, ...rest } = property.map.get(property.name) as Entry;
    property.map.set(property.name, rest);
  } else if (!entry || !config[entry[1] as 'clusters'].delete(entry[2] as string))
    return { error: `error: current map key \`${path.split('.').at(-1)}\` is invalid` };
  saveConfig(proc, config);
  return { text: `Property "${path}" unset.\n` };
};

const SUBS: Record<string, Sub> = {
  'current-context': currentContext,
  'delete-cluster': remove('clusters', 'cluster'),
  'delete-context': remove('contexts', 'context'),
  'delete-user': remove('users', 'user'),
  'get-clusters': names('clusters'),
  'get-contexts': getContexts,
  'get-users': names('users'),
  'rename-context': renameContext,
  set,
  'set-cluster': setCluster,
  'set-context': setContext,
  'set-credentials': setCredentials,
  unset,
  'use-context': useContext,
  use: useContext,
  view,
};

export const config = defineVerb({
  name: 'config',
  summary: 'Modify kubeconfig files',
  subcommands: Object.keys(SUBS).filter((s) => s !== 'use'),
  flags: [
    OUTPUT,
    { name: 'minify', bool: true },
    { name: 'raw', bool: true },
    { name: 'flatten', bool: true },
    { name: 'no-headers', bool: true },
    { name: 'current', bool: true },
    { name: 'cluster' },
    { name: 'user' },
    { name: 'server' },
    { name: 'certificate-authority' },
    { name: 'tls-server-name' },
    { name: 'insecure-skip-tls-verify', bool: true },
    { name: 'token' },
    { name: 'username' },
    { name: 'password' },
    { name: 'client-certificate' },
    { name: 'client-key' },
  ],
  *run(call): Io<number> {
    const [name, ...args] = call.flags.args;
    if (name === undefined) return yield* notModelled('kubectl config');
    const sub = SUBS[name];
    if (!sub) {
      yield* printErr(`error: unknown command "${name}"\nSee 'kubectl config -h' for help and examples\n`);
      return 1;
    }
    const done = sub(call, args, loadConfig(call.proc));
    yield* print(done.text ?? '');
    if (!('error' in done)) return 0;
    yield* printErr(`${done.error}\n`);
    return done.error.startsWith('warning:') ? 0 : 1;
  },
});
