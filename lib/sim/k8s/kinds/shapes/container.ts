/** Containers. Source: k8s.io/api core/v1/types.go (1.34). */
import { list, map, type Struct, struct } from '../schema.ts';
import { LOCAL_REFERENCE, RESOURCES } from './common.ts';

const KEY = (type: string) => struct(type, { name: 'string', key: 'string', optional: 'bool' }, { required: ['key'] });
const FIELD_REF = struct('ObjectFieldSelector', { apiVersion: 'string', fieldPath: 'string' });
const RESOURCE_REF = struct('ResourceFieldSelector', {
  containerName: 'string',
  resource: 'string',
  divisor: 'quantity',
});

const ENV = struct(
  'EnvVar',
  {
    name: 'string',
    value: 'string',
    valueFrom: struct('EnvVarSource', {
      fieldRef: FIELD_REF,
      resourceFieldRef: RESOURCE_REF,
      configMapKeyRef: KEY('ConfigMapKeySelector'),
      secretKeyRef: KEY('SecretKeySelector'),
      fileKeyRef: 'any',
    }),
  },
  { required: ['name'] },
);

const SOURCE = (type: string) => struct(type, { name: 'string', optional: 'bool' });

const HTTP_GET = struct('HTTPGetAction', {
  path: 'string',
  port: 'intOrString',
  host: 'string',
  scheme: 'string',
  httpHeaders: list(struct('HTTPHeader', { name: 'string', value: 'string' })),
});
const TCP = struct('TCPSocketAction', { port: 'intOrString', host: 'string' });
const EXEC = struct('ExecAction', { command: list('string') });

export const PROBE = struct('Probe', {
  exec: EXEC,
  httpGet: HTTP_GET,
  tcpSocket: TCP,
  grpc: struct('GRPCAction', { port: 'int32', service: 'string' }),
  initialDelaySeconds: 'int32',
  timeoutSeconds: 'int32',
  periodSeconds: 'int32',
  successThreshold: 'int32',
  failureThreshold: 'int32',
  terminationGracePeriodSeconds: 'int64',
});

const HANDLER = struct('LifecycleHandler', {
  exec: EXEC,
  httpGet: HTTP_GET,
  tcpSocket: TCP,
  sleep: struct('SleepAction', { seconds: 'int64' }),
});

const CAPABILITIES = struct('Capabilities', { add: list('string'), drop: list('string') });
const PROFILE = (type: string) => struct(type, { type: 'string', localhostProfile: 'string' });
const SELINUX = struct('SELinuxOptions', { user: 'string', role: 'string', type: 'string', level: 'string' });

export const SECURITY_CONTEXT = struct('SecurityContext', {
  capabilities: CAPABILITIES,
  privileged: 'bool',
  seLinuxOptions: SELINUX,
  windowsOptions: 'any',
  runAsUser: 'int64',
  runAsGroup: 'int64',
  runAsNonRoot: 'bool',
  readOnlyRootFilesystem: 'bool',
  allowPrivilegeEscalation: 'bool',
  procMount: 'string',
  seccompProfile: PROFILE('SeccompProfile'),
  appArmorProfile: PROFILE('AppArmorProfile'),
});

export const POD_SECURITY_CONTEXT = struct('PodSecurityContext', {
  seLinuxOptions: SELINUX,
  windowsOptions: 'any',
  runAsUser: 'int64',
  runAsGroup: 'int64',
  runAsNonRoot: 'bool',
  supplementalGroups: list('int64'),
  supplementalGroupsPolicy: 'string',
  fsGroup: 'int64',
  sysctls: list(struct('Sysctl', { name: 'string', value: 'string' })),
  fsGroupChangePolicy: 'string',
  seccompProfile: PROFILE('SeccompProfile'),
  appArmorProfile: PROFILE('AppArmorProfile'),
  seLinuxChangePolicy: 'string',
});

const PORT = struct(
  'ContainerPort',
  { name: 'string', hostPort: 'int32', containerPort: 'int32', protocol: 'string', hostIP: 'string' },
  { required: ['containerPort'] },
);

const MOUNT = struct('VolumeMount', {
  name: 'string',
  readOnly: 'bool',
  recursiveReadOnly: 'string',
  mountPath: 'string',
  subPath: 'string',
  mountPropagation: 'string',
  subPathExpr: 'string',
});

const FIELDS: Struct['fields'] = {
  name: 'string',
  image: 'string',
  command: list('string'),
  args: list('string'),
  workingDir: 'string',
  ports: list(PORT, 'containerPort'),
  envFrom: list(
    struct('EnvFromSource', {
      prefix: 'string',
      configMapRef: SOURCE('ConfigMapEnvSource'),
      secretRef: SOURCE('SecretEnvSource'),
    }),
  ),
  env: list(ENV, 'name'),
  resources: RESOURCES,
  resizePolicy: list(struct('ContainerResizePolicy', { resourceName: 'string', restartPolicy: 'string' })),
  restartPolicy: 'string',
  restartPolicyRules: 'any',
  volumeMounts: list(MOUNT, 'mountPath'),
  volumeDevices: list(struct('VolumeDevice', { name: 'string', devicePath: 'string' }), 'devicePath'),
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  lifecycle: struct('Lifecycle', { postStart: HANDLER, preStop: HANDLER, stopSignal: 'string' }),
  terminationMessagePath: 'string',
  terminationMessagePolicy: 'string',
  imagePullPolicy: 'string',
  securityContext: SECURITY_CONTEXT,
  stdin: 'bool',
  stdinOnce: 'bool',
  tty: 'bool',
};

export const CONTAINER = struct('Container', FIELDS, { required: ['name'] });

export const EPHEMERAL_CONTAINER = struct(
  'EphemeralContainer',
  { ...FIELDS, targetContainerName: 'string' },
  { required: ['name'] },
);

const ITEMS = list(struct('KeyToPath', { key: 'string', path: 'string', mode: 'int32' }));

const PROJECTION = struct('VolumeProjection', {
  secret: struct('SecretProjection', { name: 'string', items: ITEMS, optional: 'bool' }),
  configMap: struct('ConfigMapProjection', { name: 'string', items: ITEMS, optional: 'bool' }),
  downwardAPI: struct('DownwardAPIProjection', {
    items: list(
      struct('DownwardAPIVolumeFile', {
        path: 'string',
        fieldRef: FIELD_REF,
        resourceFieldRef: RESOURCE_REF,
        mode: 'int32',
      }),
    ),
  }),
  serviceAccountToken: struct('ServiceAccountTokenProjection', {
    audience: 'string',
    expirationSeconds: 'int64',
    path: 'string',
  }),
  clusterTrustBundle: 'any',
  podCertificate: 'any',
});

/** Volumes; the sources that no cluster of this course mounts are not looked into. */
export const VOLUME = struct('Volume', {
  name: 'string',
  hostPath: struct('HostPathVolumeSource', { path: 'string', type: 'string' }),
  emptyDir: struct('EmptyDirVolumeSource', { medium: 'string', sizeLimit: 'quantity' }),
  secret: struct('SecretVolumeSource', { secretName: 'string', items: ITEMS, defaultMode: 'int32', optional: 'bool' }),
  configMap: struct('ConfigMapVolumeSource', { name: 'string', items: ITEMS, defaultMode: 'int32', optional: 'bool' }),
  downwardAPI: 'any',
  projected: struct('ProjectedVolumeSource', { sources: list(PROJECTION), defaultMode: 'int32' }),
  persistentVolumeClaim: struct('PersistentVolumeClaimVolumeSource', { claimName: 'string', readOnly: 'bool' }),
  nfs: struct('NFSVolumeSource', { server: 'string', path: 'string', readOnly: 'bool' }),
  csi: struct('CSIVolumeSource', {
    driver: 'string',
    readOnly: 'bool',
    fsType: 'string',
    volumeAttributes: map('string'),
    nodePublishSecretRef: LOCAL_REFERENCE,
  }),
  ephemeral: 'any',
  image: 'any',
  iscsi: 'any',
});
