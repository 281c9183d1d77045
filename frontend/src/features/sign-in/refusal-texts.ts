// UI texts for a company's provider that sent the person back without a sign-in.
import { defineTexts } from '../../i18n/texts.ts';

export const refusalTexts = defineTexts({
  en: {
    denied: "Your company's sign-in page refused the sign-in.",
    deniedHint: 'You or your company declined. Try again, or sign in another way.',
    unfinished: "You did not finish signing in on your company's page.",
    unfinishedHint: 'Start again and complete every step there.',
    unavailable: "Your company's sign-in page is unavailable.",
    unavailableHint: 'Try again in a minute, or sign in another way.',
    misunderstood: "Your company's sign-in page rejected Buoy's request.",
    misunderstoodHint:
      'Ask the operator of this Buoy to check its registration there. Until then, sign in another way.',
  },
  ru: {
    denied: 'Страница входа вашей компании отклонила вход.',
    deniedHint: 'Отказались вы или ваша компания. Попробуйте ещё раз или войдите другим способом.',
    unfinished: 'Вы не завершили вход на странице компании.',
    unfinishedHint: 'Начните заново и пройдите там все шаги.',
    unavailable: 'Страница входа вашей компании недоступна.',
    unavailableHint: 'Повторите через минуту или войдите другим способом.',
    misunderstood: 'Страница входа вашей компании отклонила запрос Buoy.',
    misunderstoodHint:
      'Попросите администратора этого Buoy проверить его регистрацию у провайдера. Пока войдите другим способом.',
  },
  de: {
    denied: 'Die Anmeldeseite Ihrer Firma hat die Anmeldung abgelehnt.',
    deniedHint:
      'Sie oder Ihre Firma haben abgelehnt. Versuchen Sie es erneut, oder melden Sie sich anders an.',
    unfinished: 'Sie haben die Anmeldung auf der Seite Ihrer Firma nicht abgeschlossen.',
    unfinishedHint: 'Beginnen Sie noch einmal und führen Sie dort jeden Schritt aus.',
    unavailable: 'Die Anmeldeseite Ihrer Firma ist nicht verfügbar.',
    unavailableHint: 'Versuchen Sie es in einer Minute erneut, oder melden Sie sich anders an.',
    misunderstood: 'Die Anmeldeseite Ihrer Firma hat die Anfrage von Buoy abgelehnt.',
    misunderstoodHint:
      'Bitten Sie den Betreiber dieses Buoy, die Registrierung dort zu prüfen. Melden Sie sich bis dahin anders an.',
  },
});
