// Telegram's colours onto ours. Set through the CSSOM, which the content security policy allows.
import type { ThemeParams } from './launch-params.ts';

/** Our variable ← Telegram's names, the first that it sent. State colours stay ours: their meaning must not move. */
const sources: Record<string, readonly string[]> = {
  '--canvas': ['secondary_bg_color', 'bg_color'],
  '--surface': ['section_bg_color', 'bg_color'],
  '--inset': ['bg_color'],
  '--ink': ['text_color'],
  '--line': ['section_separator_color'],
  '--accent': ['button_color'],
  '--on-accent': ['button_text_color'],
  '--link': ['link_color'],
};

export function applyTheme(root: HTMLElement, theme: ThemeParams): void {
  for (const [variable, names] of Object.entries(sources)) {
    const color = names.map((name) => theme[name]).find((value) => value !== undefined);
    if (color !== undefined) root.style.setProperty(variable, color);
  }
  // Telegram's hint colour is too faint for sentences (below 4.5:1 in its own dark theme).
  if (theme.text_color !== undefined)
    root.style.setProperty('--muted', 'color-mix(in srgb, var(--ink) 72%, var(--surface))');
  if (theme.bg_color !== undefined) root.dataset.theme = isDark(theme.bg_color) ? 'dark' : 'light';
}

/** @param color #rrggbb; weighted as eyes weigh it (ITU-R BT.601) */
export function isDark(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) =>
    Number.parseInt(color.slice(start, start + 2), 16),
  );
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
