/** What one kind of object brings to the API server. One folder each; `npm run gen` collects them. */
import type { World } from '../../kernel/world.ts';
import type { ApiError, FieldError } from '../api/status.ts';
import type { KubeObject } from '../types.ts';
import type { Struct } from './schema.ts';

/** Columns of `kubectl get`: what the server's Table answers. Source: kubernetes/kubernetes pkg/printers/internalversion/printers.go (1.34). */
export interface Table {
  columns: string[];
  /** Columns that -o wide adds. */
  wide: string[];
  row(world: World, object: KubeObject): string[];
  wideRow(world: World, object: KubeObject): string[];
}

export interface Resource {
  /** Plural, as in URLs: the key of {@link import('../types.ts').Cluster.objects}. */
  name: string;
  singular: string;
  short: string[];
  kind: string;
  apiVersion: string;
  namespaced: boolean;
}

export interface Kind extends Resource {
  /** Whether `all` includes it. */
  all?: boolean;
  /** Subresources that a client may address: `status`, `scale`, … */
  subresources?: readonly string[];
  /** Fields of the whole object; absent: any field is taken (a custom resource without a schema). */
  schema?: Struct;
  table: Table;
  /** What the server warns whoever uses it. */
  deprecation?: string;
  /** Fills in what a client may leave out. Runs before {@link validate}, on creation and on every change. */
  defaults?(object: KubeObject): void;
  /** What a change leaves as it was, and what it takes away with it. Runs after {@link defaults}, before {@link validate}. */
  inherit?(object: KubeObject, old: KubeObject): void;
  /** What the server sets or allocates by looking at the rest of the cluster. Runs after {@link defaults}; may refuse. */
  prepare?(world: World, object: KubeObject, old: KubeObject | null): ApiError | FieldError[] | null;
  /** Complaints about the object's own fields, in the order in which the server lists them. */
  validate?(object: KubeObject, old: KubeObject | null): FieldError[];
  /** Seconds that a deletion leaves the object, when the client names none; 0 or absent: it goes at once. */
  gracePeriod?(object: KubeObject): number;
}

/** A kind's definition: `singular` is the lower-case kind. */
export const defineKind = (kind: Omit<Kind, 'singular' | 'short'> & { short?: string }): Kind => ({
  ...kind,
  singular: kind.kind.toLowerCase(),
  short: kind.short === undefined || kind.short === '' ? [] : kind.short.split(','),
});
