// The languages of the app, and which one a person gets.

export const languages = ['en', 'ru', 'de'] as const;
export type Language = (typeof languages)[number];

/** What each language calls itself. */
export const languageNames: Record<Language, string> = { en: 'English', ru: 'Русский', de: 'Deutsch' };

/** @param preferred language tags (BCP 47) in order of preference, such as "de-AT"; absent ones are passed over */
export function pickLanguage(preferred: readonly (string | null | undefined)[]): Language {
  for (const tag of preferred) {
    const primary = tag?.toLowerCase().split('-')[0];
    const known = languages.find((language) => language === primary);
    if (known !== undefined) return known;
  }
  return 'en';
}
