/** Verbs that tell about the cluster and the client: version, cluster-info, api-resources, api-versions. Source: k8s.io/kubectl pkg/cmd. */

import { groupOf, type Kind, resources } from '../../../k8s/kinds/resources.ts';
import { VERBS } from '../../../k8s/rest/discovery.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import { KUBERNETES_VERSION, serverVersion } from '../../../k8s/version.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { printYaml } from '../../../text/yaml.ts';
import { notModelled, print, printErr } from '../../io.ts';
import { defineVerb, flagValue, isOn, OUTPUT } from '../contract.ts';
import { serverAddress } from '../kubeconfig.ts';
import { CLIENT } from '../release.ts';

export const version = defineVerb({
  name: 'version',
  summary: 'Print the client and server version information',
  flags: [{ name: 'client', bool: true }, OUTPUT],
  *run({ flags }) {
    if (flags.args.length > 0) {
      yield* printErr(`error: extra arguments: [${flags.args.join(' ')}]\n`);
      return 1;
    }
    const output = flagValue(flags, 'output') ?? '';
    const client = isOn(flags, 'client');
    if (output === '') {
      const server = client ? '' : `Server Version: ${KUBERNETES_VERSION}\n`;
      yield* print(`Client Version: ${CLIENT.version.gitVersion}\nKustomize Version: ${CLIENT.kustomize}\n${server}`);
      return 0;
    }
    const data = {
      clientVersion: CLIENT.version,
      kustomizeVersion: CLIENT.kustomize,
      ...(client ? {} : { serverVersion: serverVersion() }),
    };
    if (output === 'json') yield* print(`${JSON.stringify(data, null, 2)}\n`);
    else if (output === 'yaml') yield* print(`${printYaml(data)}\n`);
    else {
      yield* printErr("error: --output must be 'yaml' or 'json'\n");
      return 1;
    }
    return 0;
  },
});

export const clusterInfo = defineVerb({
  name: 'cluster-info',
  summary: 'Display cluster information',
  flags: [],
  *run({ proc, flags }) {
    if (flags.args.length > 0) return yield* notModelled(`kubectl cluster-info ${flags.args[0]}`);
    const server = serverAddress(proc);
    const services = listObjects(proc.world, 'services', {
      namespace: 'kube-system',
      selector: 'kubernetes.io/cluster-service=true',
    });
    const lines = services.map(({ metadata, spec }) => {
      const port = ((spec?.ports ?? []) as { name?: string }[])[0]?.name;
      const name = metadata.labels?.['kubernetes.io/name'] ?? metadata.name;
      return `${name} is running at ${server}/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}${port ? `:${port}` : ''}/proxy\n`;
    });
    yield* print(
      `Kubernetes control plane is running at ${server}\n${lines.join('')}\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`,
    );
    return 0;
  },
});

const listed = (text: string | undefined): string[] => (text ?? '').split(',').filter((p) => p !== '');

export const apiResources = defineVerb({
  name: 'api-resources',
  summary: 'Print the supported API resources on the server',
  flags: [
    OUTPUT,
    { name: 'no-headers', bool: true },
    { name: 'namespaced', bool: true },
    { name: 'api-group' },
    { name: 'verbs' },
    { name: 'categories' },
    { name: 'sort-by' },
    { name: 'cached', bool: true },
  ],
  *run({ flags }) {
    const output = flagValue(flags, 'output') ?? '';
    const sort = flagValue(flags, 'sort-by') ?? '';
    const group = flagValue(flags, 'api-group');
    const namespaced = flagValue(flags, 'namespaced');
    const wrong =
      flags.args.length > 0
        ? `unexpected arguments: [${flags.args.join(' ')}]\nSee 'kubectl api-resources -h' for help and examples`
        : !['', 'wide', 'name'].includes(output)
          ? `--output ${output} is not available`
          : !['', 'name', 'kind'].includes(sort)
            ? '--sort-by accepts only name or kind'
            : null;
    if (wrong !== null) {
      yield* printErr(`error: ${wrong}\n`);
      return 1;
    }
    const found = resources.filter(
      (k) =>
        (namespaced === undefined || k.namespaced === (namespaced !== 'false')) &&
        (group === undefined || groupOf(k) === group) &&
        listed(flagValue(flags, 'verbs')).every((v) => (VERBS as readonly string[]).includes(v)) &&
        listed(flagValue(flags, 'categories')).every((c) => c === 'all' && k.all === true),
    );
    const key = (k: Kind): string => (sort === 'kind' ? k.kind : k.name);
    if (sort !== '') found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    if (output === 'name') {
      yield* print(found.map((k) => `${k.name}${groupOf(k) ? `.${groupOf(k)}` : ''}\n`).join(''));
      return 0;
    }
    const wide = output === 'wide';
    const rows = found.map((k) => [
      k.name,
      k.short.join(','),
      k.apiVersion,
      String(k.namespaced),
      k.kind,
      ...(wide ? [VERBS.join(','), k.all ? 'all' : ''] : []),
    ]);
    const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
    yield* print(alignColumns(isOn(flags, 'no-headers') ? rows : [header, ...rows]));
    return 0;
  },
});

export const apiVersions = defineVerb({
  name: 'api-versions',
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  flags: [],
  *run({ flags }) {
    if (flags.args.length > 0) {
      yield* printErr(
        `error: unexpected arguments: [${flags.args.join(' ')}]\nSee 'kubectl api-versions -h' for help and examples\n`,
      );
      return 1;
    }
    yield* print([...new Set(resources.map((k) => `${k.apiVersion}\n`))].sort().join(''));
    return 0;
  },
});
