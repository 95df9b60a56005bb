/** Names of TOS values: /etc/iproute2/rt_dsfield as Debian 12 ships it. */

const NAMES: Readonly<Record<number, string>> = {
  0: 'default',
  40: 'AF11',
  48: 'AF12',
  56: 'AF13',
  72: 'AF21',
  80: 'AF22',
  88: 'AF23',
  104: 'AF31',
  112: 'AF32',
  120: 'AF33',
  136: 'AF41',
  144: 'AF42',
  152: 'AF43',
  32: 'CS1',
  64: 'CS2',
  96: 'CS3',
  128: 'CS4',
  160: 'CS5',
  192: 'CS6',
  224: 'CS7',
  184: 'EF',
};

/** rtnl_dsfield_a2n: a name, or a number in hexadecimal; null for anything else. */
export function dsfieldId(word: string): number | null {
  for (const [id, name] of Object.entries(NAMES)) if (name === word) return Number(id);
  const hex = /^(?:0[xX])?([0-9a-fA-F]+)$/.exec(word);
  const value = hex ? Number.parseInt(hex[1] as string, 16) : null;
  return value === null || value > 255 ? null : value;
}

/** rtnl_dsfield_n2a: the name, or the number with -N. */
export const dsfieldName = (tos: number, numeric = false): string =>
  (numeric ? undefined : NAMES[tos]) ?? `0x${tos.toString(16).padStart(2, '0')}`;
