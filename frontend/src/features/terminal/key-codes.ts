// What the keys send that a phone's keyboard lacks.

export const screenKeys = [
  'escape',
  'tab',
  'left',
  'up',
  'down',
  'right',
  'pipe',
  'slash',
  'tilde',
  'dash',
] as const;
export type ScreenKey = (typeof screenKeys)[number];

const characters: Partial<Record<ScreenKey, string>> = {
  escape: '\x1b',
  tab: '\t',
  pipe: '|',
  slash: '/',
  tilde: '~',
  dash: '-',
};
const arrows: Partial<Record<ScreenKey, string>> = { up: 'A', down: 'B', right: 'C', left: 'D' };

/**
 * @param isApplication full-screen programs ask for other codes of the arrows (DECCKM)
 * @param withControl the Ctrl key is held
 */
export function codeOf(key: ScreenKey, isApplication: boolean, withControl: boolean): string {
  const arrow = arrows[key];
  if (arrow === undefined) return withControl ? controlled(characters[key] ?? '') : (characters[key] ?? '');
  if (withControl) return `\x1b[1;5${arrow}`;
  return `\x1b${isApplication ? 'O' : '['}${arrow}`;
}

/** What Ctrl makes of a typed character; what it makes nothing of stays. */
export function controlled(text: string): string {
  const [character = ''] = text;
  const rest = text.slice(character.length);
  if (/^[a-z@[\\\]^_]$/i.test(character))
    return String.fromCharCode(character.toUpperCase().charCodeAt(0) & 0x1f) + rest;
  // As xterm itself does it: Ctrl-Space, Ctrl-/ and Ctrl-?.
  const others: Record<string, string> = { ' ': '\x00', '/': '\x1f', '-': '\x1f', '?': '\x7f' };
  return (others[character] ?? character) + rest;
}
