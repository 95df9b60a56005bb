/** A scene at work in the page: the session behind its port, a tab for each terminal, and what the toolbar shows. */
import { type Port, SessionClient, type SessionEvent } from '#worker/client.ts';
import type { OpenOptions } from '#worker/protocol.ts';
import { TerminalModel } from './terminal-model.ts';

export type WorkStatus = 'opening' | 'ready' | 'broken';

export interface WorkState {
  status: WorkStatus;
  reason: string;
  hosts: string[];
  tabs: TerminalModel[];
  active: TerminalModel | null;
  /** Virtual time, µs. */
  now: number;
  /** A program sleeps until a later virtual time. */
  waiting: boolean;
  /** Counts the moments at which something had run: pictures are drawn anew. */
  revision: number;
  /** False when earlier work could not be replayed. */
  restored: boolean;
}

/** Terminals that one session may open, closed ones included: the grader takes no more. */
export const MAX_TERMINALS = 8;

export interface WorkOptions extends OpenOptions {
  /** Hosts whose terminals are open at the start. */
  terminals: string[];
  more?: (count: number) => string;
}

export class WorkSession {
  state: WorkState = {
    status: 'opening',
    reason: '',
    hosts: [],
    tabs: [],
    active: null,
    now: 0,
    waiting: false,
    revision: 0,
    restored: true,
  };
  readonly client: SessionClient;
  private readonly models = new Map<number, TerminalModel>();
  private readonly hidden = new Set<number>();
  private readonly listeners = new Set<() => void>();
  private lastSteps = -1;
  private readonly begun: Promise<void>;

  constructor(
    port: Port,
    readonly options: WorkOptions,
  ) {
    this.client = new SessionClient(port);
    this.client.listen((event) => this.hear(event));
    void this.client.ended.then((reason) => {
      if (reason !== 'closed') this.set({ status: 'broken', reason });
    });
    this.begun = this.begin();
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): WorkState => this.state;

  select(term: number): void {
    this.set({ active: this.models.get(term) ?? this.state.active });
  }

  /** A tab on `host`: one that was closed comes back. */
  async openTab(host: string): Promise<void> {
    for (const term of this.hidden) {
      const model = this.models.get(term);
      if (model?.host !== host || model.state === 'closed') continue;
      this.hidden.delete(term);
      this.showTabs(term);
      return;
    }
    if (this.isFull()) return;
    await this.client.openTerminal(host, this.state.active?.cols ?? 80);
  }

  /** Ends what runs there and puts the tab away. The last tab stays. */
  closeTab(term: number): void {
    if (this.state.tabs.length < 2) return;
    this.client.interrupt(term);
    this.hidden.add(term);
    this.showTabs(this.state.active?.term === term ? null : (this.state.active?.term ?? null));
  }

  isFull(): boolean {
    return this.models.size >= MAX_TERMINALS;
  }

  /** Types lines on a host, in a tab of it that is brought to the front. */
  async runOn(host: string, lines: readonly string[]): Promise<void> {
    await this.begun;
    const known = this.state.tabs.find((m) => m.host === host);
    if (known) this.select(known.term);
    else await this.openTab(host);
    const model = this.state.active;
    if (model?.host === host) model.enqueue(lines);
  }

  undo(): Promise<boolean> {
    return this.client.undo();
  }

  reset(): Promise<boolean> {
    return this.client.reset();
  }

  skip(): void {
    if (this.state.active) this.client.skip(this.state.active.term);
  }

  close(): void {
    this.client.close();
    this.listeners.clear();
  }

  private async begin(): Promise<void> {
    try {
      const { scenario, seed, setup, transcript, terminals } = this.options;
      const opened = await this.client.open({ scenario, seed, setup, transcript });
      this.set({ hosts: opened.hosts, restored: opened.restored });
      const open = new Set(opened.terminals.map((t) => t.host));
      for (const host of terminals) if (!open.has(host)) await this.openTab(host);
      this.set({ status: 'ready', active: this.state.tabs[0] ?? null });
    } catch (error) {
      this.set({ status: 'broken', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  private add(term: number, host: string): void {
    if (this.models.has(term)) return;
    const { client } = this;
    const model = new TerminalModel(
      term,
      host,
      {
        type: (line) => client.type(term, line),
        interrupt: () => client.interrupt(term),
        eof: () => client.eof(term),
        complete: (text, cursor) => client.complete(term, text, cursor),
        reopen: () => void this.reopen(term, host),
      },
      this.options.more,
    );
    this.models.set(term, model);
    // The first of the tabs that are there from the start is the active one.
    this.showTabs(this.state.status === 'opening' ? (this.state.active?.term ?? term) : term);
  }

  /** A shell that has ended gives its place to a new one. */
  private async reopen(term: number, host: string): Promise<void> {
    if (this.isFull()) return;
    this.hidden.add(term);
    await this.openTab(host);
  }

  private hear(event: SessionEvent): void | Promise<void> {
    switch (event.t) {
      case 'output':
        return this.model(event.term)?.write(event.data);
      case 'prompt':
        return this.model(event.term)?.showPrompt(event.text);
      case 'echo':
        return this.model(event.term)?.echo(event.text);
      case 'state':
        return this.model(event.term)?.setState(event.state);
      case 'terminal':
        return this.add(event.term, event.host);
      case 'cleared':
        for (const model of this.models.values()) model.clear();
        for (const { term, host } of event.terminals) this.add(term, host);
        return;
      case 'quiet': {
        const ran = event.steps !== this.lastSteps;
        this.lastSteps = event.steps;
        this.set({ now: event.now, waiting: event.waiting, revision: this.state.revision + (ran ? 1 : 0) });
      }
    }
  }

  private model(term: number): TerminalModel | undefined {
    return this.models.get(term);
  }

  private showTabs(active: number | null): void {
    const tabs = [...this.models.values()].filter((m) => !this.hidden.has(m.term));
    const wanted = active === null ? undefined : this.models.get(active);
    this.set({ tabs, active: wanted && tabs.includes(wanted) ? wanted : (tabs.at(-1) ?? null) });
  }

  private set(change: Partial<WorkState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}
