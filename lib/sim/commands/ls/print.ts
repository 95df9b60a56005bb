import type { Stat } from '../../shell/vfs/vfs.ts';
import { displayWidth, inColumns } from '../../text/columns.ts';
import { strftime } from '../../text/strftime.ts';
import { modeText, userName } from '../stat/mode.ts';

export interface Entry {
  name: string;
  stat: Stat;
  target: string | null;
  targetStat: Stat | null;
}

export interface Style {
  long: boolean;
  numeric: boolean;
  human: boolean;
  owner: boolean;
  group: boolean;
  classify: 'all' | 'dirs' | null;
  /** Screen columns; 0 for one entry a line. */
  columns: number;
  colour: boolean;
  quote: boolean;
  /** Unix seconds. */
  now: number;
  epoch: number;
}

/** Entries as ls prints them. */
export function listing(entries: readonly Entry[], style: Style): string {
  if (style.long) return long(entries, style);
  const names = entries.map((e) => shownName(e.name, style) + suffix(e, style));
  const painted = entries.map((e) => paint(shownName(e.name, style), e.stat, e.targetStat, style) + suffix(e, style));
  return style.columns === 0
    ? painted.map((n) => `${n}\n`).join('')
    : inColumns(painted, style.columns, names.map(displayWidth));
}

const shownName = (name: string, style: Style): string =>
  style.quote && /[\s'"$&;|<>()*?[\]\\`!#~]/.test(name) ? (name.includes("'") ? `"${name}"` : `'${name}'`) : name;

function suffix(e: Entry, style: Style): string {
  if (!style.classify) return '';
  if (e.stat.type === 'dir') return '/';
  if (style.classify === 'dirs') return '';
  if (e.stat.type === 'symlink') return style.long ? '' : '@';
  return e.stat.type === 'file' && (e.stat.mode & 0o111) !== 0 ? '*' : '';
}

function paint(name: string, stat: Stat, target: Stat | null, style: Style): string {
  if (!style.colour) return name;
  const code =
    stat.type === 'dir'
      ? (stat.mode & 0o1002) === 0o1002
        ? '30;42'
        : '01;34'
      : stat.type === 'symlink'
        ? target
          ? '01;36'
          : '40;31;01'
        : stat.type === 'device'
          ? '40;33;01'
          : stat.type === 'file' && (stat.mode & 0o111) !== 0
            ? '01;32'
            : '';
  return code === '' ? name : `\x1b[0m\x1b[${code}m${name}\x1b[0m`;
}

function long(entries: readonly Entry[], style: Style): string {
  const rows = entries.map((e) => ({
    links: String(
      e.stat.node.type === 'dir' ? 2 + [...e.stat.node.entries.values()].filter((n) => n.type === 'dir').length : 1,
    ),
    owner: style.numeric ? String(e.stat.uid) : userName(e.stat.uid),
    group: style.numeric ? String(e.stat.gid) : userName(e.stat.gid, true),
    size:
      e.stat.node.type === 'device'
        ? deviceNumber(e.stat.node.device)
        : style.human
          ? humanSize(e.stat.size)
          : String(e.stat.size),
  }));
  const width = (key: 'links' | 'owner' | 'group' | 'size') => Math.max(0, ...rows.map((r) => r[key].length));
  const [w1, w2, w3, w4] = [width('links'), width('owner'), width('group'), width('size')];
  return entries
    .map((e, i) => {
      const r = rows[i] as (typeof rows)[number];
      const people =
        (style.owner ? `${style.numeric ? r.owner.padStart(w2) : r.owner.padEnd(w2)} ` : '') +
        (style.group ? `${style.numeric ? r.group.padStart(w3) : r.group.padEnd(w3)} ` : '');
      const name = paint(shownName(e.name, style), e.stat, e.targetStat, style) + suffix(e, style);
      return `${modeText(e.stat)} ${r.links.padStart(w1)} ${people}${r.size.padStart(w4)} ${when(e.stat.mtime, style)} ${name}${e.target === null ? '' : ` -> ${e.target}`}\n`;
    })
    .join('');
}

const DEVICES: Record<string, string> = {
  null: '1, 3',
  zero: '1, 5',
  full: '1, 7',
  random: '1, 8',
  urandom: '1, 9',
  tty: '5, 0',
};
const deviceNumber = (device: string): string => DEVICES[device] ?? '136, 0';

/** Six months back or any time ahead shows the year. */
function when(mtime: number, style: Style): string {
  const seconds = style.epoch + Math.floor(mtime / 1e6);
  const recent = seconds > style.now - 15778476 && seconds <= style.now + 1;
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', seconds, 0);
}

/** Bytes as `ls -h` rounds them: up, one decimal below ten. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let n = bytes;
  let unit = -1;
  while (n >= 1024 && unit < 4) {
    n /= 1024;
    unit++;
  }
  const up = n < 10 ? Math.ceil(n * 10) / 10 : Math.ceil(n);
  return `${up < 10 ? up.toFixed(1) : up}${'KMGTP'[unit]}`;
}
