// Which characters an editor marks in a file, and how: each is found by itself while somebody types, without the text around it.
import { hiddenName } from '@buoy/contract/visible-text';

/**
 * What hides, reorders or passes for a space. Joiners and selectors, which emoji and scripts need, are left out, but for a selector behind a
 * digit that makes no keycap.
 */
export const hiddenInFiles =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffc\u{e0000}-\u{e0fff}]|\u034f|(?! )\p{Zs}|(?<=[0-9#*])[\ufe0e\ufe0f](?!\u20e3)/gu;

/** The label and the whole name of such a character. French and Japanese prose has many blanks: it stays readable with a short label. */
export function fileMarkOf(character: string): { mark: string; name: string } {
  const name = hiddenName(character);
  return { name, mark: /\p{Zs}/u.test(character) ? '␣' : (name.split(' ', 1)[0] ?? name) };
}
