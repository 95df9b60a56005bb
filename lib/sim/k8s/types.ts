/** The Kubernetes API's state: objects by resource, with their versions. */
export interface Cluster {
  resourceVersion: number;
  /** Plural name of the resource (`name.group` for those that custom resource definitions bring) → `${namespace}/${name}` → object, in order of creation. */
  objects: Map<string, Map<string, KubeObject>>;
  /** The latest changes, oldest first: what watches and control loops follow. */
  log: Change[];
  /** Names of events by what they say of what: the same again is counted, not told twice. */
  told: Map<string, string>;
}

/** One change of one object, as a watch reports it. `object` is the object itself, which later changes alter in place. */
export interface Change {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  object: KubeObject;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  // biome-ignore lint/suspicious/noExplicitAny: objects are as open as the API; kinds/ narrows them
  [field: string]: any;
}
