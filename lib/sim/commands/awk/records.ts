import type { Runtime } from './runtime.ts';

/** Cuts input into records as RS says, as it arrives. */
export class RecordReader {
  private buffer = '';

  constructor(private readonly rt: Runtime) {}

  feed(chunk: string): void {
    this.buffer += chunk;
  }

  /** The records that are complete; at the end (`last`) the rest too. */
  take(last: boolean): string[] {
    const rs = this.rt.text('RS');
    const out: string[] = [];
    if (rs === '') {
      if (!last) return out;
      for (const block of this.buffer.replace(/^\n+/, '').split(/\n\n+/)) {
        const text = block.replace(/\n$/, '');
        if (text !== '') out.push(text);
      }
      this.buffer = '';
      return out;
    }
    if (rs.length > 1) return last ? this.byRegex(rs) : out;
    const parts = this.buffer.split(rs);
    this.buffer = parts.pop() ?? '';
    out.push(...parts);
    if (last && this.buffer !== '') {
      out.push(this.buffer);
      this.buffer = '';
    }
    return out;
  }

  private byRegex(rs: string): string[] {
    const regex = this.rt.regex(rs);
    const out: string[] = [];
    let at = 0;
    for (let from = 0; from <= this.buffer.length; ) {
      const m = regex.exec(this.buffer, from);
      if (!m || m.end === m.index) break;
      out.push(this.buffer.slice(at, m.index));
      at = from = m.end;
    }
    if (at < this.buffer.length) out.push(this.buffer.slice(at));
    this.buffer = '';
    return out;
  }
}
