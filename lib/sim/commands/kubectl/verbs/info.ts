/** Verbs that tell about the cluster and the client: version, cluster-info, api-resources, config, logs. */

import { notFound } from '../../../k8s/api/status.ts';
import { groupOf, kindOf, resources } from '../../../k8s/kinds/resources.ts';
import { findContainer } from '../../../k8s/lookup.ts';
import { getObject } from '../../../k8s/store/store.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { notModelled, print, printErr, waitFor } from '../../io.ts';
import { defineVerb, flagValue, isOn } from '../contract.ts';
import { podTarget } from '../target.ts';

export const CLIENT_VERSION = 'v1.34.2';

export const version = defineVerb({
  name: 'version',
  summary: 'Print the client and server version information',
  flags: [
    { name: 'client', bool: true },
    { name: 'output', short: 'o' },
  ],
  *run({ flags }) {
    if (flags.values.has('output')) return yield* notModelled('kubectl version --output');
    yield* print(
      `Client Version: ${CLIENT_VERSION}\nKustomize Version: v5.7.1\n${isOn(flags, 'client') ? '' : `Server Version: ${CLIENT_VERSION}\n`}`,
    );
    return 0;
  },
});

export const clusterInfo = defineVerb({
  name: 'cluster-info',
  summary: 'Display cluster information',
  flags: [],
  *run({ flags }) {
    if (flags.args.length > 0) return yield* notModelled(`kubectl cluster-info ${flags.args[0]}`);
    const server = 'https://192.168.56.10:6443';
    yield* print(
      `Kubernetes control plane is running at ${server}\nCoreDNS is running at ${server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`,
    );
    return 0;
  },
});

export const apiResources = defineVerb({
  name: 'api-resources',
  summary: 'Print the supported API resources on the server',
  flags: [{ name: 'no-headers', bool: true }, { name: 'namespaced' }, { name: 'output', short: 'o' }],
  *run({ flags }) {
    if (flags.values.has('output')) return yield* notModelled('kubectl api-resources --output');
    const namespaced = flagValue(flags, 'namespaced');
    const rows = resources
      .filter((r) => namespaced === undefined || r.namespaced === (namespaced !== 'false'))
      .map((r) => ({ r, group: groupOf(r) }))
      .sort((a, b) => (a.group + a.r.name < b.group + b.r.name ? -1 : 1))
      .map(({ r }) => [r.name, r.short.join(','), r.apiVersion, String(r.namespaced), r.kind]);
    yield* print(
      alignColumns([
        ...(isOn(flags, 'no-headers') ? [] : [['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']]),
        ...rows,
      ]),
    );
    return 0;
  },
});

export const config = defineVerb({
  name: 'config',
  summary: 'Modify kubeconfig files',
  flags: [
    { name: 'minify', bool: true },
    { name: 'raw', bool: true },
    { name: 'output', short: 'o' },
  ],
  *run({ flags }) {
    const [what] = flags.args;
    if (what === 'current-context') yield* print('kubernetes-admin@kubernetes\n');
    else if (what === 'get-contexts') {
      yield* print(
        alignColumns([
          ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'],
          ['*', 'kubernetes-admin@kubernetes', 'kubernetes', 'kubernetes-admin', ''],
        ]),
      );
    } else return yield* notModelled(`kubectl config ${what ?? ''}`.trim());
    return 0;
  },
});

export const logs = defineVerb({
  name: 'logs',
  summary: 'Print the logs for a container in a pod',
  takesPod: true,
  flags: [
    { name: 'follow', short: 'f', bool: true },
    { name: 'container', short: 'c' },
    { name: 'tail' },
    { name: 'previous', short: 'p', bool: true },
    { name: 'since' },
    { name: 'timestamps', bool: true },
    { name: 'selector', short: 'l' },
    { name: 'all-containers', bool: true },
  ],
  *run({ proc, flags, namespace }) {
    for (const name of ['previous', 'since', 'timestamps', 'selector', 'all-containers'])
      if (flags.values.has(name)) return yield* notModelled(`kubectl logs --${name}`);
    const text = flags.args[0] ?? '';
    if (text === '') {
      yield* printErr(
        "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples\n",
      );
      return 1;
    }
    const target = podTarget(proc.world, namespace, text);
    if (!target.ok) {
      yield* printErr(`${target.error}\n`);
      return 1;
    }
    const { name, candidates } = target;
    if (candidates > 1) yield* printErr(`Found ${candidates} pods, using pod/${name}\n`);
    const pod = getObject(proc.world, 'pods', namespace, name);
    if (!pod) {
      yield* printErr(
        `error: error from server (NotFound): ${notFound(kindOf('pods'), name).message} in namespace "${namespace}"\n`,
      );
      return 1;
    }
    const wanted = flagValue(flags, 'container') ?? flags.args[1];
    const found = findContainer(proc.machine, namespace, name, wanted);
    if (!found) {
      const first = wanted ?? pod.spec?.containers?.[0]?.name ?? '';
      const known = ((pod.spec?.containers ?? []) as { name: string }[]).some((c) => c.name === first);
      yield* printErr(
        known
          ? `Error from server (BadRequest): container "${first}" in pod "${name}" is waiting to start: ContainerCreating\n`
          : `error: container ${first} is not valid for pod ${name}\n`,
      );
      return 1;
    }
    const { log } = found.container;
    const tail = flagValue(flags, 'tail');
    let shown = tail === undefined || !/^\d+$/.test(tail) ? 0 : Math.max(0, log.length - Number(tail));
    yield* print(
      log
        .slice(shown)
        .map((line) => `${line}\n`)
        .join(''),
    );
    if (!isOn(flags, 'follow')) return 0;
    shown = log.length;
    for (;;) {
      yield* waitFor(() => log.length !== shown);
      yield* print(
        log
          .slice(Math.min(shown, log.length))
          .map((line) => `${line}\n`)
          .join(''),
      );
      shown = log.length;
    }
  },
});
