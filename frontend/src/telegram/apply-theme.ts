// Maps Telegram's theme colours to ours. They are set through the CSSOM, which the content security policy allows.
import { readable } from './contrast.ts';
import type { ThemeParams } from './launch-params.ts';

/** Our variable ← Telegram's names, the first that it sent. State colours stay ours: their meaning must not move. */
const sources = {
  '--canvas': ['secondary_bg_color', 'bg_color'],
  '--surface': ['section_bg_color', 'bg_color'],
  '--inset': ['bg_color'],
  '--ink': ['text_color'],
  '--line': ['section_separator_color'],
  '--accent': ['button_color'],
  '--on-accent': ['button_text_color'],
  '--link': ['link_color'],
} as const satisfies Record<string, readonly string[]>;

type Variable = keyof typeof sources;

type ThemedRoot = {
  style: Pick<CSSStyleDeclaration, 'setProperty' | 'removeProperty'>;
  dataset: DOMStringMap;
};

/** A colour that the theme does not have is our own again: one of the theme before would not fit the rest. */
export function applyTheme(root: ThemedRoot, theme: ThemeParams): void {
  const setVariable = (variable: Variable | '--muted', color: string | undefined): void => {
    if (color === undefined) root.style.removeProperty(variable);
    else root.style.setProperty(variable, color);
  };
  for (const variable of Object.keys(sources) as Variable[]) setVariable(variable, legible(variable, theme));
  // Telegram's hint colour is too faint for sentences (below 4.5:1 in its own dark theme).
  setVariable('--muted', theme.text_color && 'color-mix(in srgb, var(--ink) 72%, var(--surface))');
  if (theme.bg_color !== undefined) root.dataset.theme = isDark(theme.bg_color) ? 'dark' : 'light';
  else delete root.dataset.theme;
}

/** The colours next to a text or background colour. */
const beside: Partial<Record<Variable, readonly Variable[]>> = {
  '--link': ['--surface', '--canvas', '--inset'],
  '--accent': ['--on-accent'],
};

function legible(variable: Variable, theme: ThemeParams): string | undefined {
  const color = colorOf(variable, theme);
  const others = (beside[variable] ?? []).flatMap((other) => colorOf(other, theme) ?? []);
  return color === undefined || others.length === 0 ? color : readable(color, others);
}

/** The colours around the app, so that Telegram's bars go on where the page ends; undefined: Telegram's own stay. */
export function barColors(theme: ThemeParams): {
  header: string | undefined;
  background: string | undefined;
  bottomBar: string | undefined;
} {
  const canvas = colorOf('--canvas', theme);
  return { header: colorOf('--surface', theme), background: canvas, bottomBar: canvas };
}

function colorOf(variable: Variable, theme: ThemeParams): string | undefined {
  return sources[variable].map((name) => theme[name]).find((color) => color !== undefined);
}

/** @param color #rrggbb; weighted as eyes weigh it (ITU-R BT.601) */
export function isDark(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) =>
    Number.parseInt(color.slice(start, start + 2), 16),
  );
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
