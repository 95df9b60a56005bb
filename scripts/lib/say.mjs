/** What the scripts say to people, and how they stop. */
const began = Date.now();
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const say = (text) => console.log(`${paint('36', '▸')} ${text}`);
export const done = (text) =>
  console.log(`${paint('32', '✓')} ${text} ${paint('2', `(${((Date.now() - began) / 1000).toFixed(1)} s)`)}`);

/** Says what is wrong and what to do about it, and ends with 1. */
export function refuse(problem, remedy = '') {
  console.error(`\n${paint('31', '✗')} ${problem}${remedy ? `\n  ${remedy}` : ''}\n`);
  process.exit(1);
}
