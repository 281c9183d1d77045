// Which language this device shows: the person's own choice, else Telegram's, else the browser's.
import { type Language, languages, pickLanguage } from './languages.ts';

const STORED_AS = 'buoy.language';

export type LanguageChoice = {
  language(): Language;
  choose(language: Language): void;
  subscribe(onChange: () => void): () => void;
};

/**
 * @param storage null where the browser keeps nothing: a choice then lasts until the app is closed
 * @param preferred language tags of Telegram and the browser, in order
 */
export function createLanguageChoice(
  root: Pick<HTMLElement, 'lang'>,
  storage: Pick<Storage, 'getItem' | 'setItem'> | null,
  preferred: readonly (string | null | undefined)[],
): LanguageChoice {
  const listeners = new Set<() => void>();
  const stored = storage?.getItem(STORED_AS);
  let current = languages.find((language) => language === stored) ?? pickLanguage(preferred);
  root.lang = current;
  return {
    language: () => current,
    choose(language) {
      current = language;
      root.lang = language;
      storage?.setItem(STORED_AS, language);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}
