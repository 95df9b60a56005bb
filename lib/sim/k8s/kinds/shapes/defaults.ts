/** What a client may leave out of a Pod, a template or a container. Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go (1.34). */

// biome-ignore lint/suspicious/noExplicitAny: specs are as open as the API
type Fields = Record<string, any>;

function defaultProbe(probe: Fields | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(action: Fields | undefined): void {
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

/** Always for `latest` and for no tag, IfNotPresent for others. */
function pullPolicy(image: string): string {
  const last = image.split('/').at(-1) ?? '';
  if (last.includes('@')) return last.split('@')[0]?.includes(':latest') ? 'Always' : 'IfNotPresent';
  const tag = last.split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

export function defaultContainer(container: Fields, hostNetwork: boolean): void {
  if (typeof container.image === 'string') container.imagePullPolicy ||= pullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  for (const port of (container.ports ?? []) as Fields[]) {
    port.protocol ||= 'TCP';
    if (hostNetwork) port.hostPort ||= port.containerPort;
  }
  for (const env of (container.env ?? []) as Fields[])
    if (env.valueFrom?.fieldRef) env.valueFrom.fieldRef.apiVersion ||= 'v1';
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(container[name]);
  defaultHttpGet(container.lifecycle?.postStart?.httpGet);
  defaultHttpGet(container.lifecycle?.preStop?.httpGet);
}

/** 0644: the mode of files that no one gave a mode. */
const FILE_MODE = 0o644;

function defaultVolume(volume: Fields): void {
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected'])
    if (volume[source]) volume[source].defaultMode ??= FILE_MODE;
  if (volume.hostPath) volume.hostPath.type ??= '';
  for (const source of (volume.projected?.sources ?? []) as Fields[]) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    for (const item of (source.downwardAPI?.items ?? []) as Fields[])
      if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
}

/** A PodSpec, of a Pod or of a template. */
export function defaultPodSpec(spec: Fields): void {
  spec.restartPolicy ||= 'Always';
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  spec.securityContext ??= {};
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const container of Array.isArray(spec[list]) ? (spec[list] as Fields[]) : [])
      defaultContainer(container, spec.hostNetwork === true);
  for (const volume of (spec.volumes ?? []) as Fields[]) defaultVolume(volume);
}

/** Requests that are not given are what the limits are. */
export function defaultRequests(spec: Fields): void {
  for (const list of ['initContainers', 'containers'])
    for (const container of (spec[list] ?? []) as Fields[]) {
      const limits = (container.resources?.limits ?? {}) as Fields;
      for (const [name, amount] of Object.entries(limits)) {
        container.resources.requests ??= {};
        container.resources.requests[name] ??= amount;
      }
    }
}

/** The template of something that makes Pods. */
export function defaultTemplate(spec: Fields): void {
  if (!spec.template) return;
  spec.template.metadata ??= {};
  defaultPodSpec((spec.template.spec ??= {}));
}
