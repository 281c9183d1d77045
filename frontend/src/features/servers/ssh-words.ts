// The messages for what `parseSshCommand` reports.
import type { formTexts } from './form-texts.ts';

type Words = (typeof formTexts)['en'];
type WordKey = Extract<keyof Words, `note_${string}` | `problem_${string}`>;

/** @param value the part of the text that the note or problem is about */
export function sshWords(t: Pick<Words, WordKey>, key: WordKey, value: string): string {
  const text: string | ((value: string) => string) = t[key];
  return typeof text === 'string' ? text : text(value);
}
