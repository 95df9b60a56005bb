/**
 * What the page and the engine's worker say to each other. The page sends requests; the worker sends events, and one
 * reply for each request that has an `id`. Requests are checked on arrival: a page and a worker of two releases may meet.
 */
import type { SceneSetup, TopologySnapshot, TraceEvent, Transcript } from '#sim/index.ts';

export interface OpenOptions {
  scenario: string;
  seed: number;
  setup?: SceneSetup;
  /** What was typed before: replayed, and shown as it was. */
  transcript?: Transcript;
}

export interface OpenTerminal {
  term: number;
  host: string;
}

export interface Opened {
  hosts: string[];
  /** Terminals that the transcript had opened. */
  terminals: OpenTerminal[];
  /** False when the transcript could not be replayed and the scene starts anew. */
  restored: boolean;
}

/** `prompt`: a shell waits for a command. `reading`: a program waits for input. `closed`: the shell has ended. */
export type TermState = 'prompt' | 'reading' | 'running' | 'closed';

export interface Completion {
  from: number;
  candidates: string[];
}

/** What each request that is answered takes and gives. */
export interface Calls {
  open: { args: OpenOptions; value: Opened };
  terminal: { args: { host: string; cols: number; rows: number }; value: number | null };
  complete: { args: { term: number; text: string; cursor: number }; value: Completion };
  /** Steps back one typed line; answers whether there was one. */
  undo: { args: Record<never, never>; value: boolean };
  reset: { args: Record<never, never>; value: boolean };
  /** The last `limit` trace events. */
  trace: { args: { limit: number }; value: TraceEvent[] };
  topology: { args: Record<never, never>; value: TopologySnapshot };
  transcript: { args: Record<never, never>; value: Transcript };
  hash: { args: Record<never, never>; value: string };
}

export type CallName = keyof Calls;
export type CallRequest = { [N in CallName]: { t: N; id: number } & Calls[N]['args'] }[CallName];

export type Request =
  | CallRequest
  | { t: 'type'; term: number; line: string }
  | { t: 'interrupt'; term: number }
  | { t: 'eof'; term: number }
  | { t: 'resize'; term: number; cols: number; rows: number }
  /** Jumps over waiting until this terminal has something to show. */
  | { t: 'skip'; term: number }
  /** The page has shown this many characters of output. */
  | { t: 'ack'; chars: number };

export type WorkerEvent =
  | { t: 'reply'; id: number; value: unknown }
  | { t: 'failed'; id: number; message: string }
  | { t: 'output'; term: number; data: string }
  | { t: 'prompt'; term: number; text: string }
  /** A line that was typed before and is replayed now. */
  | { t: 'echo'; term: number; text: string }
  | { t: 'state'; term: number; state: TermState }
  /** A terminal was opened: what it shows follows. */
  | { t: 'terminal'; term: number; host: string }
  /** Everything shown so far is void: screens begin empty. */
  | { t: 'cleared'; terminals: OpenTerminal[] }
  /** Nothing can run at this virtual time (µs); `waiting` says that a program sleeps until a later one. */
  | { t: 'quiet'; now: number; waiting: boolean; steps: number };

const MAX_LINE = 65_536;

const isCount = (x: unknown): x is number => typeof x === 'number' && Number.isInteger(x) && x >= 0;
const isText = (x: unknown): x is string => typeof x === 'string' && x.length <= MAX_LINE;
const isSize = (x: unknown): boolean => isCount(x) && x > 0 && x <= 1000;

const CHECKS: Record<Request['t'], (m: Record<string, unknown>) => boolean> = {
  open: (m) => isText(m.scenario) && isCount(m.seed),
  terminal: (m) => isText(m.host) && isSize(m.cols) && isSize(m.rows),
  complete: (m) => isCount(m.term) && isText(m.text) && isCount(m.cursor),
  undo: () => true,
  reset: () => true,
  trace: (m) => isCount(m.limit),
  topology: () => true,
  transcript: () => true,
  hash: () => true,
  type: (m) => isCount(m.term) && isText(m.line),
  interrupt: (m) => isCount(m.term),
  eof: (m) => isCount(m.term),
  resize: (m) => isCount(m.term) && isSize(m.cols) && isSize(m.rows),
  skip: (m) => isCount(m.term),
  ack: (m) => isCount(m.chars),
};

const CALLS = new Set<string>([
  'open',
  'terminal',
  'complete',
  'undo',
  'reset',
  'trace',
  'topology',
  'transcript',
  'hash',
]);

/** The request in a message, or null when it is none. */
export function parseRequest(message: unknown): Request | null {
  if (typeof message !== 'object' || message === null) return null;
  const m = message as Record<string, unknown>;
  if (typeof m.t !== 'string' || !Object.hasOwn(CHECKS, m.t)) return null;
  if (CALLS.has(m.t) && !isCount(m.id)) return null;
  return CHECKS[m.t as Request['t']](m) ? (m as unknown as Request) : null;
}

export const isCall = (request: Request): request is CallRequest => CALLS.has(request.t);
