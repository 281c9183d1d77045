// UI texts about a page's live events.
import { defineTexts } from '../../i18n/texts.ts';

export const eventsTexts = defineTexts({
  en: {
    lost: 'Live updates are interrupted. This page may be out of date.',
    full: 'No live updates: too many Buoy pages are open. Close one of them.',
    nextTry: (span: string) => `Retrying in ${span}.`,
    trying: 'Retrying…',
    tryNow: 'Try now',
  },
  ru: {
    lost: 'Обновления прервались. Страница могла устареть.',
    full: 'Обновлений нет: открыто слишком много страниц Buoy. Закройте одну из них.',
    nextTry: (span: string) => `Следующая попытка через ${span}.`,
    trying: 'Пробуем снова…',
    tryNow: 'Попробовать сейчас',
  },
  de: {
    lost: 'Live-Aktualisierung unterbrochen. Diese Seite kann veraltet sein.',
    full: 'Keine Live-Aktualisierung: Zu viele Buoy-Seiten sind offen. Schließen Sie eine davon.',
    nextTry: (span: string) => `Nächster Versuch in ${span}.`,
    trying: 'Neuer Versuch …',
    tryNow: 'Jetzt versuchen',
  },
});
