/** The parts of a Pod's spec that the kubelet reads, and the containers by their role. */
import type { KubeObject } from '../types.ts';

export interface Handler {
  exec?: { command?: string[] };
  httpGet?: {
    path?: string;
    port: number | string;
    host?: string;
    scheme?: string;
    httpHeaders?: { name: string; value: string }[];
  };
  tcpSocket?: { port: number | string; host?: string };
  grpc?: { port: number; service?: string };
  sleep?: { seconds: number };
}

export interface Probe extends Handler {
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  terminationGracePeriodSeconds?: number;
}

interface KeySelector {
  name: string;
  key: string;
  optional?: boolean;
}

export interface ContainerSpec {
  name: string;
  image: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  env?: {
    name: string;
    value?: string;
    valueFrom?: { fieldRef?: { fieldPath: string }; configMapKeyRef?: KeySelector; secretKeyRef?: KeySelector };
  }[];
  envFrom?: {
    prefix?: string;
    configMapRef?: { name: string; optional?: boolean };
    secretRef?: { name: string; optional?: boolean };
  }[];
  ports?: { name?: string; containerPort: number; hostPort?: number; hostIP?: string; protocol?: string }[];
  restartPolicy?: string;
  volumeMounts?: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
  lifecycle?: { postStart?: Handler; preStop?: Handler };
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

export const initContainers = (pod: KubeObject): ContainerSpec[] => pod.spec?.initContainers ?? [];
export const appContainers = (pod: KubeObject): ContainerSpec[] => pod.spec?.containers ?? [];
export const ephemeralContainers = (pod: KubeObject): ContainerSpec[] => pod.spec?.ephemeralContainers ?? [];

/** An init container that goes on running beside the others (a sidecar). */
export const isSidecar = (spec: ContainerSpec): boolean => spec.restartPolicy === 'Always';

/** A container's place in its Pod, as events name it. */
export function fieldPathOf(pod: KubeObject, name: string): string {
  for (const list of ['initContainers', 'ephemeralContainers'])
    if (((pod.spec?.[list] ?? []) as ContainerSpec[]).some((c) => c.name === name)) return `spec.${list}{${name}}`;
  return `spec.containers{${name}}`;
}

/** `web_default(2f6c…)`, as messages name a Pod. */
export const fullName = (pod: KubeObject): string =>
  `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
