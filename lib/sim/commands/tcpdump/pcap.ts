/** Capture files in libpcap's classic format: pcap-savefile(5). One char is one byte. */
import type { LinkType } from './filter/frame.ts';

export interface SavedFrame {
  /** Microseconds since 1970; `nano` adds what is finer. */
  at: number;
  nano: number;
  /** Length on the wire. */
  length: number;
  bytes: string;
}

export interface SaveFile {
  link: LinkType;
  snaplen: number;
  frames: SavedFrame[];
  /** Said after the last whole frame, when the file ends inside one. */
  truncated?: string;
}

const NUMBERS: Record<LinkType, number> = { EN10MB: 1, RAW: 101, LINUX_SLL: 113, LINUX_SLL2: 276 };
const HEADER = 24;
const RECORD = 16;

/** The link type of a DLT name, as -y takes it. */
export const linkTypeNamed = (name: string): LinkType | null =>
  Object.hasOwn(NUMBERS, name.toUpperCase()) ? (name.toUpperCase() as LinkType) : null;

const u32 = (n: number): string => String.fromCharCode(n & 255, (n >>> 8) & 255, (n >>> 16) & 255, (n >>> 24) & 255);

/** The file header, in the byte order of a little-endian machine. */
export const saveHeader = (link: LinkType, snaplen: number, nano: boolean): string =>
  u32(nano ? 0xa1b23c4d : 0xa1b2c3d4) + u32(0x00040002) + u32(0) + u32(0) + u32(snaplen) + u32(NUMBERS[link]);

/** One frame's record. */
export function saveFrame(f: SavedFrame, nano: boolean): string {
  const seconds = Math.floor(f.at / 1e6);
  const micros = f.at - seconds * 1e6;
  return u32(seconds) + u32(nano ? micros * 1000 + f.nano : micros) + u32(f.bytes.length) + u32(f.length) + f.bytes;
}

export type Loaded = { ok: true; file: SaveFile } | { ok: false; error: string };

/** Reads a file; errors in pcap's own words. */
export function loadFile(bytes: string): Loaded {
  if (bytes.length < 4)
    return { ok: false, error: `truncated dump file; tried to read 4 file header bytes, only got ${bytes.length}` };
  const number = (at: number, big: boolean): number => {
    const b = [0, 1, 2, 3].map((i) => bytes.charCodeAt(at + (big ? i : 3 - i)));
    return b.reduce((n, byte) => n * 256 + byte, 0);
  };
  const magics = [0xa1b2c3d4, 0xa1b23c4d];
  const big = magics.includes(number(0, true));
  if (!big && !magics.includes(number(0, false))) return { ok: false, error: 'unknown file format' };
  if (bytes.length < HEADER)
    return {
      ok: false,
      error: `truncated dump file; tried to read ${HEADER} file header bytes, only got ${bytes.length}`,
    };
  const nano = number(0, big) === 0xa1b23c4d;
  const type = number(20, big) & 0xffff;
  const link = (Object.keys(NUMBERS) as LinkType[]).find((name) => NUMBERS[name] === type);
  if (!link) return { ok: false, error: `flatnet: not modelled: link type ${type} in capture files` };
  const file: SaveFile = { link, snaplen: number(16, big), frames: [] };
  for (let at = HEADER; at < bytes.length; ) {
    const left = bytes.length - at;
    if (left < RECORD) {
      file.truncated = `truncated dump file; tried to read ${RECORD} header bytes, only got ${left}`;
      break;
    }
    const size = number(at + 8, big);
    const fraction = number(at + 4, big);
    if (left - RECORD < size) {
      file.truncated = `truncated dump file; tried to read ${size} captured bytes, only got ${left - RECORD}`;
      break;
    }
    file.frames.push({
      at: number(at, big) * 1e6 + (nano ? Math.floor(fraction / 1000) : fraction),
      nano: nano ? fraction % 1000 : 0,
      length: number(at + 12, big),
      bytes: bytes.slice(at + RECORD, at + RECORD + size),
    });
    at += RECORD + size;
  }
  return { ok: true, file };
}
