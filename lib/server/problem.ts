/** Refusals: what a route answers when it does not do what was asked. */
import 'server-only';
export type ProblemCode =
  | 'malformed'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'too-many'
  | 'busy'
  | 'database-away';

const STATUS: Record<ProblemCode, number> = {
  malformed: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many': 429,
  busy: 503,
  'database-away': 503,
};

export interface ProblemDetails {
  /** The field that is wrong, as a dotted path. */
  field?: string;
  /** Seconds after which asking again makes sense. */
  retryAfter?: number;
}

/** A refusal with its status. Use cases throw it; routes turn it into a response. */
export class Problem extends Error {
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly details: ProblemDetails = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.status = STATUS[code];
  }

  toResponse(): Response {
    const headers = new Headers({ 'Cache-Control': 'no-store' });
    if (this.details.retryAfter !== undefined) headers.set('Retry-After', String(this.details.retryAfter));
    const { field } = this.details;
    return Response.json(
      { error: { code: this.code, message: this.message, ...(field === undefined ? {} : { field }) } },
      { status: this.status, headers },
    );
  }
}
