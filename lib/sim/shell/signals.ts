/** Signal numbers and names (signal(7), x86). */
const NAMES = [
  'EXIT',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
];

/** The number that a name (with or without SIG) or a decimal means; null when neither. */
export function signalNumber(text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) < 65 ? Number(text) : null;
  const at = NAMES.indexOf(text.toUpperCase().replace(/^SIG/, ''));
  return at < 0 ? null : at;
}

/** Name without SIG. */
export const signalName = (n: number): string | undefined => NAMES[n];

/** What `kill -l` prints. */
export function signalList(): string {
  let out = '';
  for (let n = 1; n < NAMES.length; n++) {
    out += `${String(n).padStart(2)}) SIG${NAMES[n]}${n % 5 === 0 || n === NAMES.length - 1 ? '\n' : '\t'}`;
  }
  return out;
}
