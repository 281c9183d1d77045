// The words about a page's live events.
import { defineTexts } from '../../i18n/texts.ts';

export const eventsTexts = defineTexts({
  en: {
    lost: 'No live updates at the moment: what you see may be out of date.',
    full: 'No live updates here: too many pages of Buoy are open. Close one of them.',
    nextTry: (span: string) => `Next try in ${span}.`,
    trying: 'Trying again…',
    tryNow: 'Try now',
  },
  ru: {
    lost: 'Связь прервалась: то, что вы видите, могло устареть.',
    full: 'Эта страница не обновляется сама: открыто слишком много страниц Buoy. Закройте одну из них.',
    nextTry: (span: string) => `Следующая попытка через ${span}.`,
    trying: 'Пробуем снова…',
    tryNow: 'Попробовать сейчас',
  },
  de: {
    lost: 'Zurzeit keine Live-Aktualisierung: Was Sie sehen, kann veraltet sein.',
    full: 'Hier keine Live-Aktualisierung: Zu viele Seiten von Buoy sind offen. Schließen Sie eine davon.',
    nextTry: (span: string) => `Nächster Versuch in ${span}.`,
    trying: 'Neuer Versuch …',
    tryNow: 'Jetzt versuchen',
  },
});
