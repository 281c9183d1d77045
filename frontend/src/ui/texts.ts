// UI texts of the design system itself.
import { defineTexts } from '../i18n/texts.ts';

export const uiTexts = defineTexts({
  en: {
    crashTitle: 'This page has crashed',
    crashText:
      "This is a bug in Buoy's web app. Your servers are not affected. Reloading the page usually helps.",
    failedText:
      "This is a bug in Buoy's web app. Your servers are not affected, and the other pages still work.",
    notLoadedTitle: 'Not loaded',
    notLoaded: 'This page did not load',
    notLoadedHint:
      'Buoy did not answer, or it was updated after you opened this tab. Check your network, then reload.',
    loadAgain: 'Reload',
    notFoundTitle: 'Not found',
    notFound: 'Page not found',
    allServers: 'All servers',
    request: 'Request',
    copyRequestId: 'Copy request id',
    cancel: 'Cancel',
    close: 'Close',
    fromGateway: (age: string) => `From the gateway, ${age}`,
    fromCli: (age: string) => `From the command line, ${age}`,
    fromSnapshot: (moment: string, age: string) => `Snapshot of ${moment} (${age}): this may have changed`,
    tryAgain: 'Try again',
    loadMore: 'Load more',
    copy: 'Copy',
    copied: 'Copied',
    working: 'Buoy is working on it',
    tags: 'Tags',
  },
  ru: {
    crashTitle: 'В работе страницы произошла ошибка',
    crashText:
      'Это ошибка веб-приложения Buoy. На ваши серверы она не влияет. Обычно помогает перезагрузить страницу.',
    failedText: 'Это ошибка веб-приложения Buoy. На ваши серверы она не влияет, остальные страницы работают.',
    notLoadedTitle: 'Не загрузилось',
    notLoaded: 'Страница не загрузилась',
    notLoadedHint:
      'Buoy не ответил или был обновлён после открытия этой вкладки. Проверьте сеть и перезагрузите страницу.',
    loadAgain: 'Перезагрузить',
    notFoundTitle: 'Не найдено',
    notFound: 'Страница не найдена',
    allServers: 'Все серверы',
    request: 'Запрос',
    copyRequestId: 'Скопировать номер запроса',
    cancel: 'Отмена',
    close: 'Закрыть',
    fromGateway: (age: string) => `От шлюза, ${age}`,
    fromCli: (age: string) => `Из командной строки, ${age}`,
    fromSnapshot: (moment: string, age: string) => `Снимок от ${moment} (${age}): могло измениться`,
    tryAgain: 'Повторить',
    loadMore: 'Показать ещё',
    copy: 'Скопировать',
    copied: 'Скопировано',
    working: 'Buoy выполняет',
    tags: 'Метки',
  },
  de: {
    crashTitle: 'Diese Seite ist abgestürzt',
    crashText:
      'Das ist ein Fehler in der Web-App von Buoy. Ihre Server sind nicht betroffen. Meist hilft es, die Seite neu zu laden.',
    failedText:
      'Das ist ein Fehler in der Web-App von Buoy. Ihre Server sind nicht betroffen, und die anderen Seiten funktionieren weiter.',
    notLoadedTitle: 'Nicht geladen',
    notLoaded: 'Diese Seite wurde nicht geladen',
    notLoadedHint:
      'Buoy hat nicht geantwortet oder wurde nach dem Öffnen dieses Tabs aktualisiert. Prüfen Sie Ihr Netz und laden Sie neu.',
    loadAgain: 'Neu laden',
    notFoundTitle: 'Nicht gefunden',
    notFound: 'Seite nicht gefunden',
    allServers: 'Alle Server',
    request: 'Anfrage',
    copyRequestId: 'Anfragenummer kopieren',
    cancel: 'Abbrechen',
    close: 'Schließen',
    fromGateway: (age: string) => `Vom Gateway, ${age}`,
    fromCli: (age: string) => `Von der Befehlszeile, ${age}`,
    fromSnapshot: (moment: string, age: string) =>
      `Momentaufnahme von ${moment} (${age}): kann sich geändert haben`,
    tryAgain: 'Erneut versuchen',
    loadMore: 'Mehr laden',
    copy: 'Kopieren',
    copied: 'Kopiert',
    working: 'Buoy arbeitet daran',
    tags: 'Tags',
  },
});
