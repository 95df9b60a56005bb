import type { ITheme } from '@xterm/xterm';

/** ANSI colours for the dark ground of the terminal: each 4.5:1 or more against it (black aside, which is a ground). */
const ANSI: ITheme = {
  black: '#1c232d',
  red: '#ff8f85',
  green: '#6fd699',
  yellow: '#f0c26a',
  blue: '#8db4ff',
  magenta: '#d6a4ff',
  cyan: '#6fd3dd',
  white: '#dbe3ec',
  brightBlack: '#8b98a8',
  brightRed: '#ffb0a8',
  brightGreen: '#9be8b8',
  brightYellow: '#ffd98f',
  brightBlue: '#b3ceff',
  brightMagenta: '#e6c6ff',
  brightCyan: '#9fe6ec',
  brightWhite: '#ffffff',
};

/** The design tokens in force, as xterm takes them. */
export function currentTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ...ANSI,
    background: token('--term-bg'),
    foreground: token('--term-text'),
    cursor: token('--term-cursor'),
    cursorAccent: token('--term-bg'),
    selectionBackground: token('--term-selection'),
  };
}

/** Calls back when the page turns light or dark. */
export function watchTheme(changed: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(changed);
  query.addEventListener('change', changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    query.removeEventListener('change', changed);
    observer.disconnect();
  };
}
