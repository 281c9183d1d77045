// The words about a page's live events.
import { defineTexts } from '../../i18n/texts.ts';

export const eventsTexts = defineTexts({
  en: {
    lost: 'No live updates at the moment: what you see may be out of date.',
    nextTry: (span: string) => `Next try in ${span}.`,
    trying: 'Trying again…',
    tryNow: 'Try now',
  },
  ru: {
    lost: 'Связь прервалась: то, что вы видите, могло устареть.',
    nextTry: (span: string) => `Следующая попытка через ${span}.`,
    trying: 'Пробуем снова…',
    tryNow: 'Попробовать сейчас',
  },
  de: {
    lost: 'Zurzeit keine Live-Aktualisierung: Was Sie sehen, kann veraltet sein.',
    nextTry: (span: string) => `Nächster Versuch in ${span}.`,
    trying: 'Neuer Versuch …',
    tryNow: 'Jetzt versuchen',
  },
});
