/** The API over HTTP, without the HTTP: requests in, responses out. Whoever has sockets carries them. */
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../types.ts';

export interface RestRequest {
  method: string;
  /** Decoded path, without the query. */
  path: string;
  query: ReadonlyMap<string, readonly string[]>;
  accept: string;
  contentType: string;
  body: string;
}

/** A whole answer. */
export interface RestAnswer {
  status: number;
  contentType: string;
  body: string;
  /** Texts for the Warning header. */
  warnings: string[];
}

/** A watch: the caller follows the log of changes and writes each event that `encode` makes of it. */
export interface RestWatch {
  watch: {
    kind: Kind;
    namespace: string | undefined;
    /** Changes after this version are wanted; null begins with what is there. */
    from: number | null;
    matches(object: KubeObject): boolean;
    /** One line of the stream. */
    encode(type: string, object: KubeObject): string;
    /** Seconds until the server ends it. */
    timeout: number;
  };
}

/** A container's log. */
export interface RestLog {
  log: {
    namespace: string;
    name: string;
    container: string | undefined;
    previous: boolean;
    follow: boolean;
    tail: number | null;
    timestamps: boolean;
  };
}

/** A connection that is upgraded: a program in a container, or a port of a Pod. */
export interface RestStream {
  stream: 'exec' | 'attach' | 'portforward';
  namespace: string;
  name: string;
  query: ReadonlyMap<string, readonly string[]>;
}

export type RestResponse = RestAnswer | RestWatch | RestLog | RestStream;

/** The first value of a query parameter. */
export const param = (query: RestRequest['query'], name: string): string | undefined => query.get(name)?.[0];

export const jsonAnswer = (status: number, value: unknown, warnings: string[] = []): RestAnswer => ({
  status,
  contentType: 'application/json',
  body: `${JSON.stringify(value)}\n`,
  warnings,
});
