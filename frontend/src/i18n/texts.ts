// The UI texts by feature: each feature folder has a texts.ts with its texts in every language.
import { visibleText } from '@buoy/contract/visible-text';
import { type Language, languages } from './languages.ts';

/** A sentence, or one made from figures and names. */
type Text = string | ((...values: never[]) => string);
type Texts = Readonly<Record<string, Text>>;

/** The same keys, taking the same values: what is missing in a language does not compile. */
type Translated<T extends Texts> = {
  readonly [K in keyof T]: T[K] extends (...values: infer V) => string ? (...values: V) => string : string;
};

export type Catalog<T extends Texts> = Readonly<Record<Language, Translated<T>>>;

/** English decides which texts there are; the others must have each of them. */
export function defineTexts<T extends Texts>(texts: {
  en: T;
  ru: Translated<NoInfer<T>>;
  de: Translated<NoInfer<T>>;
}): Catalog<T> {
  return Object.fromEntries(
    languages.map((language) => [language, withVisibleValues(texts[language])]),
  ) as unknown as Catalog<T>;
}

/** Sentences that show what is hidden in the names put into them, so that none reads as another one. */
function withVisibleValues(texts: Texts): Texts {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      typeof text === 'string'
        ? text
        : (...values: unknown[]) => (text as (...all: unknown[]) => string)(...values.map(visibleValue)),
    ]),
  );
}

function visibleValue(value: unknown): unknown {
  return typeof value === 'string' ? visibleText(value) : value;
}

const rules = new Map(languages.map((language) => [language, new Intl.PluralRules(language)]));

/**
 * The form of a noun that goes with a number, number included: `plural('ru', 3, { one: 'сервер', few: 'сервера', many: 'серверов', other: '' })`.
 * English and German need `one` and `other`; Russian `one`, `few` and `many`.
 */
export function plural(
  language: Language,
  count: number,
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string },
): string {
  const form = forms[rules.get(language)?.select(count) ?? 'other'] ?? forms.other;
  return `${new Intl.NumberFormat(language).format(count)} ${form}`;
}
