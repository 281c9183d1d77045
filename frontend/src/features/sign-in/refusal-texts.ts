// The words for a company's provider that sent the person back without a sign-in.
import { defineTexts } from '../../i18n/texts.ts';

export const refusalTexts = defineTexts({
  en: {
    denied: "Your company's sign-in page did not let you in.",
    deniedHint: 'You or your company said no. Try again, or sign in another way.',
    unfinished: "You did not finish signing in on your company's page.",
    unfinishedHint: 'Begin again, and answer each question there.',
    unavailable: "Your company's sign-in page is out of order.",
    unavailableHint: 'Try again in a minute, or sign in another way.',
    misunderstood: "Your company's sign-in page did not accept the request of Buoy.",
    misunderstoodHint:
      'Ask whoever runs this Buoy to check how it is registered there. Until then, sign in another way.',
  },
  ru: {
    denied: 'Страница входа вашей компании вас не впустила.',
    deniedHint: 'Отказались вы или ваша компания. Попробуйте ещё раз или войдите другим способом.',
    unfinished: 'Вы не завершили вход на странице компании.',
    unfinishedHint: 'Начните заново и ответьте там на все вопросы.',
    unavailable: 'Страница входа вашей компании не работает.',
    unavailableHint: 'Повторите через минуту или войдите другим способом.',
    misunderstood: 'Страница входа вашей компании не приняла запрос от Buoy.',
    misunderstoodHint:
      'Попросите того, кто ведёт этот Buoy, проверить его регистрацию у провайдера. Пока войдите другим способом.',
  },
  de: {
    denied: 'Die Anmeldeseite Ihrer Firma hat Sie nicht eingelassen.',
    deniedHint:
      'Sie oder Ihre Firma haben abgelehnt. Versuchen Sie es erneut, oder melden Sie sich anders an.',
    unfinished: 'Sie haben die Anmeldung auf der Seite Ihrer Firma nicht abgeschlossen.',
    unfinishedHint: 'Beginnen Sie noch einmal und beantworten Sie dort jede Frage.',
    unavailable: 'Die Anmeldeseite Ihrer Firma ist gestört.',
    unavailableHint: 'Versuchen Sie es in einer Minute erneut, oder melden Sie sich anders an.',
    misunderstood: 'Die Anmeldeseite Ihrer Firma hat die Anfrage von Buoy nicht angenommen.',
    misunderstoodHint:
      'Bitten Sie den Betreiber dieses Buoy, die Registrierung dort zu prüfen. Melden Sie sich bis dahin anders an.',
  },
});
