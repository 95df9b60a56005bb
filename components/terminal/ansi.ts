/** Control sequences: CSI, OSC and two-character escapes (ECMA-48). */
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[ -~])/g;
const CLEARS = /\x1b\[(?:[23]?J|H\x1b\[J)/g;

/** The text without its control sequences; a carriage return begins its line anew. */
export const stripAnsi = (text: string): string =>
  text
    .replace(SEQUENCE, '')
    .replace(/\r\n/g, '\n')
    .replace(/[^\n]*\r/g, '');

/** What is left on the screen: the part after the last "clear screen", and whether there was one. */
export function afterClear(text: string): { cleared: boolean; rest: string } {
  let end = -1;
  for (const match of text.matchAll(CLEARS)) end = match.index + match[0].length;
  return end < 0 ? { cleared: false, rest: text } : { cleared: true, rest: text.slice(end) };
}
