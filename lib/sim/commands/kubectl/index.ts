/** kubectl 1.33. The API it talks to is the world's own store. */
import { findResource, resources } from '../../k8s/kinds/resources.ts';
import { listObjects } from '../../k8s/store/store.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { parseFlags } from '../../text/pflag.ts';
import { type CompletionRequest, defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { docsOf, flagValue, GLOBAL_FLAGS, isOn, type Verb } from './contract.ts';
import { configPath, contextNamespace, loadConfig } from './kubeconfig.ts';
import { FORMATS } from './output.ts';
import { apiResources, apiVersions, clusterInfo, version } from './verbs/about.ts';
import { apply } from './verbs/apply.ts';
import { auth, top } from './verbs/auth.ts';
import { config } from './verbs/config.ts';
import { create } from './verbs/create/index.ts';
import { remove } from './verbs/delete.ts';
import { describe } from './verbs/describe.ts';
import { drain } from './verbs/drain.ts';
import { events } from './verbs/events.ts';
import { exec } from './verbs/exec.ts';
import { explain } from './verbs/explain.ts';
import { expose } from './verbs/expose.ts';
import { get } from './verbs/get.ts';
import { logs } from './verbs/logs.ts';
import { annotate, label } from './verbs/metadata.ts';
import { cordon, taint, uncordon } from './verbs/nodes.ts';
import { patch } from './verbs/patch.ts';
import { replace } from './verbs/replace.ts';
import { rollout } from './verbs/rollout.ts';
import { run } from './verbs/run.ts';
import { scale } from './verbs/scale.ts';
import { set } from './verbs/set.ts';
import { wait } from './verbs/wait.ts';

const verbs: readonly Verb[] = [
  create,
  expose,
  run,
  get,
  remove,
  set,
  rollout,
  scale,
  cordon,
  uncordon,
  drain,
  taint,
  clusterInfo,
  describe,
  logs,
  exec,
  apply,
  patch,
  replace,
  label,
  annotate,
  auth,
  config,
  apiResources,
  apiVersions,
  explain,
  events,
  top,
  wait,
  version,
];

/** Verbs of the real client that the model lacks. */
const NOT_MODELLED = [
  'edit',
  'autoscale',
  'certificate',
  'attach',
  'port-forward',
  'proxy',
  'cp',
  'debug',
  'diff',
  'kustomize',
  'completion',
  'alpha',
  'plugin',
  'options',
];

/** Flags with a value that may stand before a verb. */
const TAKES_VALUE = /^(-n|--namespace|--kubeconfig|--context)$/;

const REFUSED = 'The connection to the server localhost:8080 was refused - did you specify the right host or port?\n';

const hasConfig = (proc: Proc): boolean =>
  proc.world.cluster !== null && vfsOf(proc).exists(configPath(proc)) && loadConfig(proc).current !== '';

const help = (): string =>
  `kubectl controls the Kubernetes cluster manager.\n\nCommands that are modelled:\n${verbs.map((v) => `  ${v.name.padEnd(15)} ${v.summary}\n`).join('')}\nUsage:\n  kubectl [flags] [options]\n`;

/** How many letters to change, add or take away make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        a[i - 1] === b[j - 1]
          ? (row[j - 1] as number)
          : 1 + Math.min(row[j] as number, next[j - 1] as number, row[j - 1] as number),
      );
    row = next;
  }
  return row[b.length] as number;
}

/** Commands that may have been meant. Source: spf13/cobra SuggestionsFor. */
const suggestions = (typed: string, known: readonly string[]): string[] =>
  known.filter((k) => distance(typed.toLowerCase(), k) <= 2 || k.startsWith(typed.toLowerCase())).sort();

/** The verb that a command line means, `create secret tls` down to the last, its words, and the arguments without them. */
function below(top: Verb, argv: readonly string[], at: number): { verb: Verb; path: string; rest: string[] } {
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)];
  let verb = top;
  let path = top.name;
  for (let i = at; verb.verbs !== undefined && i < rest.length; ) {
    const word = rest[i] as string;
    if (word === '--') break;
    if (word.startsWith('-')) {
      i += TAKES_VALUE.test(word) ? 2 : 1;
      continue;
    }
    const next = verb.verbs.find((v) => v.name === word || v.aliases?.includes(word));
    if (!next) break;
    verb = next;
    path = `${path} ${next.name}`;
    rest.splice(i, 1);
  }
  return { verb, path, rest };
}

function* kubectl(proc: Proc): Program {
  const argv = proc.argv.slice(1);
  // Global flags may stand before the verb.
  let at = 0;
  while (at < argv.length && argv[at]?.startsWith('-')) at += TAKES_VALUE.test(argv[at] as string) ? 2 : 1;
  const name = argv[at];
  if (name === undefined || name === 'help') {
    yield* print(help());
    return 0;
  }
  const verbOf = verbs.find((v) => v.name === name);
  if (!verbOf) {
    if (NOT_MODELLED.includes(name)) return yield* notModelled(`kubectl ${name}`);
    const near = suggestions(name, [...verbs.map((v) => v.name), ...NOT_MODELLED]);
    const hint = near.length > 0 ? `\n\nDid you mean this?\n${near.map((n) => `\t${n}\n`).join('')}` : '\n';
    yield* printErr(`error: unknown command "${name}" for "kubectl"${hint}`);
    return 1;
  }
  const { verb, path, rest } = below(verbOf, argv, at);
  if (verb.lacking) return yield* notModelled(`kubectl ${path}`);
  const parsed = parseFlags(rest, [
    ...GLOBAL_FLAGS.filter(
      (g) => !verb.flags.some((f) => f.name === g.name || (f.short !== undefined && f.short === g.short)),
    ),
    ...verb.flags,
  ]);
  if (!parsed.ok) {
    yield* printErr(`error: ${parsed.error}\nSee 'kubectl ${path} --help' for usage.\n`);
    return 1;
  }
  const { flags } = parsed;
  if (isOn(flags, 'help')) {
    yield* print(
      `${verb.summary}\n\nOptions:\n${verb.flags.map((f) => `    ${f.short ? `-${f.short}, ` : ''}--${f.name}${f.bool ? '' : '='}\n`).join('')}`,
    );
    return 0;
  }
  const offline = name === 'config' || (name === 'version' && isOn(flags, 'client'));
  if (!offline && !hasConfig(proc)) {
    yield* printErr(REFUSED);
    return 1;
  }
  return yield* verb.run({
    proc,
    flags,
    namespace: flagValue(flags, 'namespace') ?? contextNamespace(proc),
    allNamespaces: isOn(flags, 'all-namespaces'),
  });
}

function complete({ proc, words, word }: CompletionRequest): string[] {
  const operands = words.slice(1).filter((w) => !w.startsWith('-'));
  const [verbName, type] = operands;
  if (verbName === undefined) return verbs.map((v) => v.name);
  const verb = verbs.find((v) => v.name === verbName);
  if (words.at(-1) === '-o' || words.at(-1) === '--output') return [...FORMATS];
  if (word.startsWith('-'))
    return [...(verb?.flags ?? []), ...GLOBAL_FLAGS].map((f) => `--${f.name}${f.bool ? '' : '='}`);
  if (verb?.subcommands && type === undefined) return [...verb.subcommands];
  const flag = words.findIndex((w) => w === '-n' || w === '--namespace');
  const namespace = (flag >= 0 ? words[flag + 1] : undefined) ?? 'default';
  if (words.at(-1) === '-n' || words.at(-1) === '--namespace')
    return listObjects(proc.world, 'namespaces').map((o) => o.metadata.name);
  const names = (resource: string): string[] => {
    const found = findResource(resource);
    return found
      ? listObjects(proc.world, found.name, found.namespaced ? { namespace } : {}).map((o) => o.metadata.name)
      : [];
  };
  if (verb?.takesPod) return names('pods');
  if (!verb?.takesResource) return [];
  if (word.includes('/')) return names(word.split('/')[0] ?? '').map((n) => `${word.split('/')[0]}/${n}`);
  return type === undefined ? [...resources.map((r) => r.name), ...resources.map((r) => r.singular)] : names(type);
}

export const command = defineCommand({
  name: 'kubectl',
  dir: '/usr/bin',
  summary: 'controls the Kubernetes cluster manager',
  images: ['node'],
  options: [...docsOf(GLOBAL_FLAGS), ...docsOf(verbs.flatMap((v) => v.flags))].filter(
    (o, i, all) => all.findIndex((x) => x.flag === o.flag) === i,
  ),
  notModelled: NOT_MODELLED.map((v) => `kubectl ${v}`),
  run: kubectl,
  complete,
});
