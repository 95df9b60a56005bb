/** A 48-bit Ethernet address as a `number`. */
export type Mac = number;

export const BROADCAST_MAC: Mac = 0xffffffffffff;

/** `aa:bb:cc:dd:ee:ff` (one or two hex digits a part, as iproute2's ll_addr_a2n). Null when malformed. */
export function parseMac(text: string): Mac | null {
  const parts = text.split(':');
  if (parts.length !== 6) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^[0-9a-fA-F]{1,2}$/.test(part)) return null;
    value = value * 256 + Number.parseInt(part, 16);
  }
  return value;
}

/** Six two-digit lower-case hex parts. */
export function formatMac(mac: Mac): string {
  const hex = mac.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10, 12)}`;
}

/** The group bit: multicast or broadcast. */
export const isGroupMac = (mac: Mac): boolean => Math.floor(mac / 2 ** 40) % 2 === 1;
