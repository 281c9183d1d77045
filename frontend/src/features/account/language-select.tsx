// The language of the app on this device; each is called what it calls itself.
import { type Language, languageNames, languages } from '../../i18n/languages.ts';
import { useLanguage } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass, Field } from '../../ui/field.tsx';

/** In each language, so that somebody who reads only one of them finds it. */
const labels: Record<Language, string> = {
  en: 'Language',
  ru: 'Язык · Language',
  de: 'Sprache · Language',
};

export function LanguageSelect({ hint }: { hint?: string }) {
  const { language } = useServices();
  const current = useLanguage();
  return (
    <Field label={labels[current]} hint={hint}>
      {(control) => (
        <select
          {...control}
          className={controlClass}
          value={current}
          onChange={(event) =>
            language.choose(languages.find((known) => known === event.target.value) ?? current)
          }
        >
          {languages.map((known) => (
            <option key={known} value={known} lang={known}>
              {languageNames[known]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
