/**
 * One terminal as both views show it: what was written, the line being edited, its history. It echoes and edits; what
 * a command does is the engine's affair.
 */
import type { Completion, TermState } from '#worker/protocol.ts';
import { afterClear } from './ansi.ts';
import { applyCompletion, inColumns } from './completion.ts';
import type { Key } from './keys.ts';
import { type Editor, emptyEditor, type Mode, press, withText } from './line-editor.ts';

/** What a terminal asks of the session. */
export interface TerminalLink {
  type(line: string): void;
  interrupt(): void;
  eof(): void;
  complete(text: string, cursor: number): Promise<Completion>;
  /** Enter in a terminal whose shell has ended. */
  reopen(): void;
}

/** A view of a terminal. */
export interface TerminalView {
  /** Shows text; the promise resolves when it is on the screen. */
  write(text: string): void | Promise<void>;
  /** The line being edited has changed. */
  edit(): void;
  /** Begins anew with what the log holds. */
  restart(): void;
  bell(): void;
}

const MAX_LOG = 400_000;
const MAX_HISTORY = 1000;
const MAX_TAIL = 4096;
const CLEAR = '\x1b[H\x1b[2J\x1b[3J';

export class TerminalModel {
  log = '';
  /** The last line, as far as it is written. */
  tail = '';
  prompt: string | null = null;
  state: TermState = 'running';
  editor: Editor = emptyEditor;
  cols = 80;
  readonly history: string[] = [];
  private queue: string[] = [];
  private readonly views = new Set<TerminalView>();
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly term: number,
    readonly host: string,
    private readonly link: TerminalLink,
    private readonly more: (count: number) => string = (count) => `… ${count}`,
  ) {}

  get mode(): Mode {
    return this.state === 'prompt' ? 'shell' : 'cooked';
  }

  attach(view: TerminalView): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  /** Hears that the line or the state has changed. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // What the session tells.

  write(text: string): Promise<void> {
    const { cleared, rest } = afterClear(text);
    this.log = cleared ? CLEAR + rest : this.log + text;
    if (this.log.length > MAX_LOG) this.log = this.log.slice(this.log.indexOf('\n', this.log.length - MAX_LOG / 2) + 1);
    const line = cleared ? rest : this.tail + text;
    this.tail = line
      .slice(Math.max(line.lastIndexOf('\n'), line.lastIndexOf('\r', line.length - 1)) + 1)
      .slice(-MAX_TAIL);
    const shown = [...this.views].map((view) => view.write(text));
    return Promise.all(shown).then(() => {});
  }

  showPrompt(text: string): void {
    this.prompt = text;
    this.state = 'prompt';
    void this.write(text);
    this.feed();
    this.changed();
  }

  setState(state: TermState): void {
    this.state = state;
    if (state !== 'prompt') this.prompt = null;
    if (state === 'reading') this.feed();
    this.changed();
  }

  /** A line typed before, replayed. */
  echo(text: string): void {
    if (this.prompt !== null && text.endsWith('\n') && text !== '^C\n') this.remember(text.slice(0, -1));
    this.prompt = null;
    void this.write(text);
  }

  /** Everything shown is void. */
  clear(): void {
    this.log = '';
    this.tail = '';
    this.prompt = null;
    this.editor = emptyEditor;
    this.queue = [];
    for (const view of this.views) view.restart();
    this.changed();
  }

  // What the learner does.

  key(key: Key): void {
    if (this.state === 'closed') {
      if (key.name === 'enter') this.link.reopen();
      return;
    }
    const typed = this.editor.text;
    const { editor, effect } = press(this.editor, key, this.history, this.mode);
    if (effect.kind === 'submit') {
      this.editor = emptyEditor;
      this.submit(effect.lines);
      this.editor = editor;
    } else if (effect.kind === 'interrupt') {
      this.editor = editor;
      this.queue = [];
      void this.write(`${typed}^C\n`);
      this.link.interrupt();
    } else {
      this.editor = editor;
      if (effect.kind === 'eof') this.link.eof();
      if (effect.kind === 'clear') void this.write(CLEAR + this.tail);
      if (effect.kind === 'complete') void this.complete();
      if (effect.kind === 'bell') for (const view of this.views) view.bell();
    }
    this.changed();
  }

  /** Replaces the line: the plain view edits in an input of its own. */
  setLine(text: string, cursor: number): void {
    this.editor = { ...withText(this.editor, text, cursor), place: this.editor.place, search: null };
    this.changed();
  }

  /** Types lines one by one, each when it is asked for. */
  enqueue(lines: readonly string[]): void {
    this.queue.push(...lines);
    if (this.state === 'prompt' || this.state === 'reading') this.feed();
    this.changed();
  }

  async complete(): Promise<void> {
    const { text, cursor } = this.editor;
    const { from, candidates } = await this.link.complete(text, cursor);
    if (this.editor.text !== text || this.editor.cursor !== cursor) return;
    const done = applyCompletion(text, cursor, from, candidates);
    if (!done) {
      for (const view of this.views) view.bell();
      return;
    }
    if (done.list.length > 0)
      void this.write(`${text}\n${inColumns(done.list, this.cols, this.more)}${this.prompt ?? ''}`);
    else this.editor = withText(this.editor, done.text, done.cursor);
    this.changed();
  }

  private submit(lines: string[]): void {
    const [first, ...rest] = [...this.queue, ...lines];
    this.queue = rest;
    if (first !== undefined) this.send(first);
  }

  /** Pasted lines go one by one, each when it is asked for. */
  private feed(): void {
    const line = this.queue.shift();
    if (line !== undefined) this.send(line);
  }

  private send(line: string): void {
    // A line typed while nothing reads is the shell's next one.
    if (this.state !== 'reading') this.remember(line);
    this.prompt = null;
    // The next line waits for a new prompt, or for a program that reads.
    this.state = 'running';
    void this.write(`${line}\n`);
    this.link.type(line);
  }

  private remember(line: string): void {
    if (line.trim() === '' || this.history.at(-1) === line) return;
    this.history.push(line);
    if (this.history.length > MAX_HISTORY) this.history.shift();
  }

  private changed(): void {
    for (const view of this.views) view.edit();
    for (const listener of this.listeners) listener();
  }
}
