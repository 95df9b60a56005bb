/** What the plain terminal shows: text without control sequences, in blocks as it came, the oldest dropped. */
import { afterClear, stripAnsi } from './ansi.ts';
import type { TerminalModel, TerminalView } from './terminal-model.ts';

export interface Block {
  id: number;
  text: string;
}

const MAX_BLOCKS = 400;
const MAX_BLOCK = 20_000;

export class PlainLog implements TerminalView {
  blocks: readonly Block[] = [];
  private next = 1;
  private pending = '';
  private scheduled = false;
  private readonly detach: () => void;

  constructor(
    private readonly model: TerminalModel,
    private readonly changed: () => void,
    private readonly ring: () => void,
    private readonly schedule: (fn: () => void) => void,
  ) {
    this.detach = model.attach(this);
    this.append(model.log);
  }

  write(text: string): void {
    this.pending += text;
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => this.flush());
  }

  edit(): void {}

  restart(): void {
    this.pending = '';
    this.blocks = [];
    this.append(this.model.log);
    this.changed();
  }

  bell(): void {
    this.ring();
  }

  dispose(): void {
    this.detach();
  }

  private flush(): void {
    this.scheduled = false;
    const text = this.pending;
    this.pending = '';
    this.append(text);
    this.changed();
  }

  private append(text: string): void {
    const { cleared, rest } = afterClear(text);
    const plain = stripAnsi(rest);
    const kept = cleared ? [] : this.blocks;
    const added: Block[] = [];
    for (let at = 0; at < plain.length; at += MAX_BLOCK)
      added.push({ id: this.next++, text: plain.slice(at, at + MAX_BLOCK) });
    this.blocks = [...kept, ...added].slice(-MAX_BLOCKS);
  }
}
