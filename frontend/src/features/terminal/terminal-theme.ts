// The colours of a terminal from those of the app, in light, dark, and whatever Telegram wears.
import type { ITheme } from '@xterm/xterm';

/** What a terminal calls black and white, in both themes: programs put the one on coloured fixture, the other on dark. */
const BLACK = '#14212a';
const WHITE = '#dbe3e8';

/** @param element anywhere in the page: variables are read where they hold */
export function themeOf(element: Element): ITheme {
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (variable: string): string => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const red = colour('--down');
  const green = colour('--up');
  const yellow = colour('--unreachable');
  const blue = colour('--link');
  const magenta = colour('--maintenance');
  const cyan = colour('--accent');
  const theme: ITheme = {
    background: colour('--inset'),
    foreground: colour('--ink'),
    cursor: cyan,
    cursorAccent: colour('--on-accent'),
    selectionBackground: cyan,
    selectionForeground: colour('--on-accent'),
    scrollbarSliderBackground: colour('--edge'),
    scrollbarSliderHoverBackground: colour('--muted'),
    scrollbarSliderActiveBackground: colour('--muted'),
    black: BLACK,
    white: WHITE,
    ...{ red, green, yellow, blue, magenta, cyan },
    brightBlack: colour('--muted'),
    brightRed: red,
    brightGreen: green,
    brightYellow: yellow,
    brightBlue: blue,
    brightMagenta: magenta,
    brightCyan: cyan,
    brightWhite: '#ffffff',
  };
  probe.remove();
  return theme;
}

/** Calls `onChange` when the app may have got other colours. @returns what ends that */
export function watchTheme(onChange: () => void): () => void {
  const preference = window.matchMedia('(prefers-color-scheme: dark)');
  preference.addEventListener('change', onChange);
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ['style', 'data-theme', 'class'] });
  return () => {
    preference.removeEventListener('change', onChange);
    observer.disconnect();
  };
}
