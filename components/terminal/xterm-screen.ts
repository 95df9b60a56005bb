/** An xterm that shows a terminal model: text as it comes, and behind it the line being edited. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { stripAnsi } from './ansi.ts';
import { type Drawing, draw, erase } from './edit-drawing.ts';
import { decodeKeys } from './keys.ts';
import { searchPrompt } from './line-search.ts';
import type { TerminalModel, TerminalView } from './terminal-model.ts';
import { currentTheme, watchTheme } from './theme.ts';
import { place } from './width.ts';

export interface ScreenOptions {
  label: string;
  describedBy: string;
  /** Passes over waiting: F8. */
  onSkip(): void;
  onResize(cols: number, rows: number): void;
}

const BRACKETED_PASTE = '\x1b[?2004h';

export class XtermScreen implements TerminalView {
  private readonly terminal: Terminal;
  private readonly fitter = new FitAddon();
  private readonly cleanups: (() => void)[] = [];
  /** The line as it is drawn now; null when nothing stands behind the tail. */
  private drawing: Drawing | null = null;
  private tail = '';
  private leaving = false;

  constructor(
    private readonly model: TerminalModel,
    private readonly element: HTMLElement,
    private readonly options: ScreenOptions,
  ) {
    this.terminal = new Terminal({
      convertEol: true,
      scrollback: 5000,
      fontSize: 13,
      lineHeight: 1.2,
      fontFamily: getComputedStyle(element).fontFamily,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      theme: currentTheme(element),
      minimumContrastRatio: 4.5,
    });
    this.terminal.loadAddon(this.fitter);
    this.terminal.open(element);
    this.terminal.textarea?.setAttribute('aria-label', options.label);
    this.terminal.textarea?.setAttribute('aria-describedby', options.describedBy);
    this.terminal.attachCustomKeyEventHandler((event) => this.handle(event));
    const input = this.terminal.onData((data) => this.receive(data));
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(element);
    this.cleanups.push(
      () => input.dispose(),
      () => observer.disconnect(),
      watchTheme(() => {
        this.terminal.options.theme = currentTheme(element);
      }),
      model.attach(this),
    );
    this.fit();
    this.restart();
  }

  write(text: string): Promise<void> {
    const back = this.drawing ? erase(this.drawing) + this.tail : '';
    this.tail = this.model.tail;
    return this.put(back + text + this.edited());
  }

  edit(): void {
    const { text, search } = this.model.editor;
    if (!this.drawing && text === '' && !search) return;
    const back = this.drawing ? erase(this.drawing) : this.toTailStart();
    void this.put(back + this.tail + this.edited());
  }

  restart(): void {
    this.terminal.reset();
    this.drawing = null;
    this.tail = this.model.tail;
    void this.put(BRACKETED_PASTE + this.model.log + this.edited());
  }

  bell(): void {
    this.element.dataset.bell = 'on';
    setTimeout(() => delete this.element.dataset.bell, 120);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** Takes the room there is. Does nothing while hidden. */
  fit(): void {
    const size = this.fitter.proposeDimensions();
    if (!size || !(size.cols > 1) || !(size.rows > 0) || this.element.offsetParent === null) return;
    if (size.cols === this.terminal.cols && size.rows === this.terminal.rows && this.model.cols === size.cols) return;
    const back = this.drawing ? erase(this.drawing) + this.tail : '';
    this.drawing = null;
    this.terminal.write(back, () => {
      this.terminal.resize(size.cols, size.rows);
      this.model.cols = size.cols;
      this.options.onResize(size.cols, size.rows);
      void this.put(this.edited());
    });
  }

  dispose(): void {
    for (const cleanup of this.cleanups.splice(0)) cleanup();
    this.terminal.dispose();
  }

  private put(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }

  /** Draws the line behind the tail, which is on the screen. */
  private edited(): string {
    const { text, cursor, search } = this.model.editor;
    if (text === '' && !search) {
      this.drawing = null;
      return '';
    }
    const tail = search ? searchPrompt(search) : this.tail;
    const { output, drawing } = draw({ tail, text, cursor }, this.terminal.cols);
    this.drawing = drawing;
    return search ? `${this.toTailStart()}${tail}${output}` : output;
  }

  private toTailStart(): string {
    return erase(place(stripAnsi(this.tail), this.terminal.cols));
  }

  private receive(data: string): void {
    for (const key of decodeKeys(data)) {
      this.leaving = key.name === 'escape';
      this.model.key(key);
    }
  }

  /** False: the browser, not the terminal, does what the key means. */
  private handle(event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    // Escape, then Tab: the focus leaves the terminal.
    if (event.key === 'Tab' && this.leaving) return false;
    if (event.key.toLowerCase() === 'v' && control && !event.altKey) return false;
    if (event.type !== 'keydown') return true;
    if (event.key === 'F8') {
      event.preventDefault();
      this.options.onSkip();
      return false;
    }
    if (event.key.toLowerCase() === 'c' && event.ctrlKey && event.shiftKey) {
      event.preventDefault();
      void navigator.clipboard.writeText(this.terminal.getSelection());
      return false;
    }
    if (event.key === 'Backspace' && event.ctrlKey) {
      event.preventDefault();
      this.model.key({ name: 'killWordLeft' });
      return false;
    }
    return true;
  }
}
