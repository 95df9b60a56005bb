/** NetworkPolicies, Ingresses and their classes, endpoints. Source: k8s.io/kubectl pkg/describe. */
import { notFound } from '../../../k8s/api/status.ts';
import { selectorText } from '../../../k8s/kinds/cells.ts';
import { kindOf } from '../../../k8s/kinds/resources.ts';
import { getObject } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { annotationLines, type Describer, head, type Line, labelLines, none, whole } from './lines.ts';
import { endpointsText } from './service.ts';

type Selector = Parameters<typeof selectorText>[0];

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface Rule {
  ports?: { protocol?: string; port?: number | string; endPort?: number }[];
  from?: Peer[];
  to?: Peer[];
}

function peerLines(word: string, peer: Peer): Line[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  return [
    [2, `${word}:`],
    ...(namespaceSelector ? [[3, `NamespaceSelector: ${selectorText(namespaceSelector)}`] as Line] : []),
    ...(podSelector ? [[3, `PodSelector: ${selectorText(podSelector)}`] as Line] : []),
    ...(ipBlock
      ? ([
          [3, 'IPBlock:'],
          [4, `CIDR: ${ipBlock.cidr}`],
          [4, `Except: ${(ipBlock.except ?? []).join(', ')}`],
        ] as Line[])
      : []),
  ];
}

function ruleLines(rules: readonly Rule[], ingress: boolean): Line[] {
  const word = ingress ? 'From' : 'To';
  if (rules.length === 0)
    return [[2, `<none> (Selected pods are isolated for ${ingress ? 'ingress' : 'egress'} connectivity)`]];
  return rules.flatMap((rule, i): Line[] => {
    const peers = (ingress ? rule.from : rule.to) ?? [];
    return [
      ...(rule.ports?.length
        ? rule.ports.map(
            ({ protocol = 'TCP', port, endPort }): Line =>
              endPort
                ? [2, `To Port Range: ${port}-${endPort}/${protocol}`]
                : [2, `To Port: ${port ?? '<any>'}/${protocol}`],
          )
        : [[2, 'To Port: <any> (traffic allowed to all ports)'] as Line]),
      ...(peers.length === 0
        ? [[2, `${word}: <any> (traffic not restricted by ${ingress ? 'source' : 'destination'})`] as Line]
        : peers.flatMap((p) => peerLines(word, p))),
      ...(i < rules.length - 1 ? [[2, '----------'] as Line] : []),
    ];
  });
}

export const describeNetworkPolicy: Describer = (world, o) => {
  const { spec, metadata } = o;
  const types = (spec?.policyTypes ?? []) as string[];
  const selector = selectorText(spec?.podSelector);
  const side = (type: string, rules: Rule[] | undefined): Line[] => {
    const word = type.toLowerCase();
    return types.includes(type)
      ? [[1, `Allowing ${word} traffic:`], ...ruleLines(rules ?? [], type === 'Ingress')]
      : [[1, `Not affecting ${word} traffic`]];
  };
  return whole(world, o, false, [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
    [0, 'Created on:', `${(metadata.creationTimestamp ?? '').replace('T', ' ').replace('Z', ' +0000 UTC')}`],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    [0, 'Spec:'],
    [
      1,
      selector === '<none>'
        ? 'PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)'
        : `PodSelector:     ${selector}`,
    ],
    ...side('Ingress', spec?.ingress),
    ...side('Egress', spec?.egress),
    [1, `Policy Types: ${types.join(', ')}`],
  ]);
};

interface Backend {
  service?: { name: string; port?: { number?: number; name?: string } };
  resource?: { apiGroup?: string; kind: string; name: string };
}

const backendText = ({ service, resource }: Backend): string => {
  if (service) return `${service.name}:${service.port?.number || (service.port?.name ?? '')}`;
  return resource ? `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}` : '';
};

/** The endpoints behind a backend's Service, or what is wrong with it. */
function behind(world: World, namespace: string, { service }: Backend): string {
  if (!service) return '';
  const object = getObject(world, 'services', namespace, service.name);
  if (!object) return `<error: ${notFound(kindOf('services'), service.name).message}>`;
  const { number, name } = service.port ?? {};
  const port = ((object.spec?.ports ?? []) as { name?: string; port: number }[]).find((p) =>
    number ? p.port === number : p.name === name,
  );
  return port ? endpointsText(world, object, port.name ?? '') : '';
}

const backendWithEndpoints = (world: World, namespace: string, backend: Backend): string =>
  backend.service ? `${backendText(backend)} (${behind(world, namespace, backend)})` : backendText(backend);

export const describeIngress: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  const namespace = metadata.namespace ?? '';
  const fallback = spec?.defaultBackend as Backend | undefined;
  const addresses = ((status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[]).map(
    (i) => i.ip ?? i.hostname ?? '',
  );
  const tls = (spec?.tls ?? []) as { hosts?: string[]; secretName?: string }[];
  const rules = (spec?.rules ?? []) as { host?: string; http?: { paths: { path?: string; backend: Backend }[] } }[];
  const lines: Line[] = [
    [0, 'Name:', metadata.name],
    ...labelLines('Labels:', metadata.labels),
    [0, 'Namespace:', namespace],
    [0, 'Address:', addresses.join(',')],
    [0, 'Ingress Class:', none(spec?.ingressClassName)],
    [0, 'Default backend:', fallback ? backendWithEndpoints(world, namespace, fallback) : '<default>'],
  ];
  if (tls.length > 0)
    lines.push(
      [0, 'TLS:'],
      ...tls.map(
        (t): Line => [
          1,
          `${t.secretName ? `${t.secretName} terminates` : 'SNI routes'} ${(t.hosts ?? []).join(',') || '*'}`.trimEnd(),
        ],
      ),
    );
  lines.push([0, 'Rules:'], [1, 'Host', 'Path', 'Backends'], [1, '----', '----', '--------']);
  for (const { host, http } of rules) {
    if (!http) continue;
    lines.push([1, host || '*', '']);
    for (const { path, backend } of http.paths)
      lines.push([1, '', `${path ?? ''} `, backendWithEndpoints(world, namespace, backend)]);
  }
  if (rules.filter((r) => r.http).length === 0)
    lines.push([1, '*', '*', fallback ? backendWithEndpoints(world, namespace, fallback) : '<default>']);
  lines.push(...annotationLines('Annotations:', metadata.annotations));
  return whole(world, o, events, lines);
};

export const describeIngressClass: Describer = (world, o, events) => {
  const { spec, metadata } = o;
  const { parameters } = spec ?? {};
  return whole(world, o, events, [
    [0, 'Name:', metadata.name],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    [0, 'Controller:', spec?.controller ?? ''],
    ...(parameters
      ? [
          [0, 'Parameters:'] as Line,
          ...(parameters.apiGroup ? [[1, 'APIGroup:', parameters.apiGroup] as Line] : []),
          [1, 'Kind:', parameters.kind] as Line,
          [1, 'Name:', parameters.name] as Line,
        ]
      : []),
  ]);
};

interface Endpoint {
  addresses?: string[];
  conditions?: { ready?: boolean };
  hostname?: string;
  targetRef?: { kind: string; name: string };
  nodeName?: string;
  zone?: string;
}

const portTable = (level: number, ports: { name?: string; port?: number; protocol?: string }[]): Line[] => [
  [level, 'Name', 'Port', 'Protocol'],
  [level, '----', '----', '--------'],
  ...ports.map((p): Line => [level, p.name || '<unset>', String(p.port ?? '<unset>'), p.protocol ?? '']),
];

export const describeEndpointSlice: Describer = (world, o, events) => {
  const endpoints = (o.endpoints ?? []) as Endpoint[];
  const ports = (o.ports ?? []) as KubeObject[];
  return whole(world, o, events, [
    ...head(o),
    [0, 'AddressType:', o.addressType ?? ''],
    ...(ports.length === 0
      ? [[0, 'Ports: <unset>'] as Line]
      : [[0, 'Ports:'] as Line, ...portTable(1, ports as never)]),
    ...(endpoints.length === 0 ? [[0, 'Endpoints: <none>'] as Line] : [[0, 'Endpoints:'] as Line]),
    ...endpoints.flatMap((e): Line[] => [
      [1, '- Addresses:', none((e.addresses ?? []).join(','))],
      [2, 'Conditions:'],
      [3, 'Ready:', String(e.conditions?.ready ?? '<unset>')],
      [2, 'Hostname:', e.hostname ?? '<unset>'],
      ...(e.targetRef ? [[2, 'TargetRef:', `${e.targetRef.kind}/${e.targetRef.name}`] as Line] : []),
      [2, 'NodeName:', e.nodeName ?? '<unset>'],
      [2, 'Zone:', e.zone ?? '<unset>'],
    ]),
  ]);
};

export const describeEndpoints: Describer = (world, o, events) => {
  const subsets = (o.subsets ?? []) as {
    addresses?: { ip: string }[];
    notReadyAddresses?: { ip: string }[];
    ports?: [];
  }[];
  const list = (addresses: { ip: string }[] | undefined): string => none((addresses ?? []).map((a) => a.ip).join(','));
  return whole(world, o, events, [
    ...head(o),
    [0, 'Subsets:'],
    ...subsets.flatMap((s): Line[] => [
      [1, 'Addresses:', list(s.addresses)],
      [1, 'NotReadyAddresses:', list(s.notReadyAddresses)],
      ...(s.ports?.length ? [[1, 'Ports:'] as Line, ...portTable(2, s.ports), [0, ''] as Line] : []),
    ]),
  ]);
};
