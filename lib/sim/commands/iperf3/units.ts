/** Quantities as iperf3 writes them: unit_snprintf() of units.c. */

const BYTES = [' Bytes', 'KBytes', 'MBytes', 'GBytes', 'TBytes'];
const BITS = [' bits', 'Kbits', 'Mbits', 'Gbits', 'Tbits'];

function adapt(n: number, step: number, names: string[]): string {
  let value = n;
  let unit = 0;
  while (value >= step && unit < names.length - 1) {
    value /= step;
    unit++;
  }
  const text = value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
  return `${text.padStart(4)} ${names[unit]}`;
}

/** `1.10 GBytes`. */
export const bytesText = (n: number): string => adapt(n, 1024, BYTES);
/** `9.41 Gbits/sec`. */
export const bitsText = (n: number): string => `${adapt(n, 1000, BITS)}/sec`;
