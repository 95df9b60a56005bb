/** `kubectl auth`: everybody in the model is the administrator. Source: k8s.io/kubectl pkg/cmd/auth. */

import { findResource } from '../../../k8s/kinds/resources.ts';
import { ADMIN } from '../../../k8s/rest/reviews.ts';
import type { Io } from '../../../kernel/process.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { printYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { ALL_NAMESPACES, type Call, defineVerb, flagValue, isOn, OUTPUT } from '../contract.ts';

const RULES = [
  ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'],
  ['*.*', '[]', '[]', '[*]'],
  ['', '[*]', '[]', '[*]'],
];

function* canI({ flags }: Call, args: readonly string[]): Io<number> {
  if (isOn(flags, 'list')) {
    yield* print(alignColumns(isOn(flags, 'no-headers') ? RULES.slice(1) : RULES));
    return 0;
  }
  const [, resource] = args;
  if (args.length < 2 || args.length > 3 || resource === undefined) {
    yield* printErr(
      "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.\n",
    );
    return 1;
  }
  const type = resource.split('/')[0] as string;
  if (!resource.startsWith('/') && type !== '*') {
    const kind = findResource(type);
    if (!kind) yield* printErr(`Warning: the server doesn't have a resource type '${type}'\n\n`);
    else if (!kind.namespaced && !isOn(flags, 'all-namespaces')) {
      const group = kind.apiVersion.includes('/') ? ` in group '${kind.apiVersion.split('/')[0]}'` : '';
      yield* printErr(`Warning: resource '${kind.name}' is not namespace scoped${group}\n\n`);
    }
  }
  if (!isOn(flags, 'quiet')) yield* print('yes\n');
  return 0;
}

function* whoAmI({ flags }: Call): Io<number> {
  const output = flagValue(flags, 'output');
  const review = {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: null },
    status: { userInfo: ADMIN },
  };
  if (output === 'yaml') yield* print(printYaml(review));
  else if (output === 'json') yield* print(`${JSON.stringify(review, null, 4)}\n`);
  else if (output !== undefined) return yield* notModelled(`kubectl auth whoami -o ${output}`);
  else
    yield* print(
      alignColumns([
        ['ATTRIBUTE', 'VALUE'],
        ['Username', ADMIN.username],
        ['Groups', `[${ADMIN.groups.join(' ')}]`],
      ]),
    );
  return 0;
}

export const auth = defineVerb({
  name: 'auth',
  summary: 'Inspect authorization',
  subcommands: ['can-i', 'whoami'],
  flags: [
    OUTPUT,
    ALL_NAMESPACES,
    { name: 'list', bool: true },
    { name: 'quiet', short: 'q', bool: true },
    { name: 'no-headers', bool: true },
    { name: 'subresource' },
  ],
  *run(call): Io<number> {
    const [name, ...args] = call.flags.args;
    if (name === 'can-i') return yield* canI(call, args);
    if (name === 'whoami') return yield* whoAmI(call);
    if (name === undefined || name === 'reconcile') return yield* notModelled(`kubectl auth ${name ?? ''}`.trim());
    yield* printErr(`error: unknown command "${name}"\nSee 'kubectl auth -h' for help and examples\n`);
    return 1;
  },
});

export const top = defineVerb({
  name: 'top',
  summary: 'Display resource (CPU/memory) usage',
  subcommands: ['node', 'pod'],
  flags: [
    ALL_NAMESPACES,
    { name: 'selector', short: 'l' },
    { name: 'sort-by' },
    { name: 'no-headers', bool: true },
    { name: 'containers', bool: true },
  ],
  *run({ flags }) {
    const [what] = flags.args;
    if (what === undefined) return yield* notModelled('kubectl top');
    // No metrics server runs in the model's clusters.
    const known = ['node', 'nodes', 'no', 'pod', 'pods', 'po'].includes(what);
    yield* printErr(
      known
        ? 'error: Metrics API not available\n'
        : `error: unknown command "${what}"\nSee 'kubectl top -h' for help and examples\n`,
    );
    return 1;
  },
});
