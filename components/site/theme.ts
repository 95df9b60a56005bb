/** The visible choice of light or dark. Without one the system decides. */
export const THEME_COOKIE = 'flatnet-theme';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const isTheme = (value: string | undefined): value is Theme => value === 'light' || value === 'dark';
