// UI texts about adding a notification channel, and why a browser cannot be one.
import { defineTexts } from '../../i18n/texts.ts';

export const addTexts = defineTexts({
  en: {
    title: 'Add a notification channel',
    browserHint: 'This browser can show alerts on this device, even while Buoy is not open.',
    addBrowser: 'Add this browser',
    addingBrowser: 'Adding this browser…',
    browserIsAdded: 'This browser is in the list above.',
    problem_telegram:
      'Telegram cannot show browser notifications. To get them on this device, open Buoy in a browser.',
    problem_insecure:
      'Browsers show notifications only for pages over https or on localhost. Open Buoy there to add this browser.',
    problem_unsupported:
      'This browser does not support push notifications. Use a current browser on a computer or an Android phone, or add another channel.',
    problem_denied:
      'Notifications from Buoy are blocked in this browser. Allow them in the site settings of the browser, then reload the page.',
    notAllowed: 'You did not allow notifications. Press the button again and choose “Allow”.',
    noPushService:
      'The browser did not reach its push service. Check your network and the browser’s notification settings, then try again.',
    notAdded: 'The browser refused to subscribe. Reload the page and try again.',
    add_email: 'E-mail',
    add_webhook: 'Webhook',
    add_telegram: 'Telegram group',
    address: 'E-mail address',
    addressHint: 'Buoy mails a code to this address. Enter it in the list above.',
    url: 'URL',
    urlHint: 'Where Buoy posts each alert: a webhook of Slack, Discord or Teams, or an ntfy topic.',
    template: 'Format',
    template_json: 'JSON, for your own receiver',
    chatId: 'Chat id',
    chatIdHint:
      'A negative number such as -1001234567890. First add Buoy’s bot to the group or channel and make it an administrator.',
    threadId: 'Topic id (optional)',
    threadIdHint: 'Only for a group with topics.',
    label: 'Name (optional)',
    submit_email: 'Mail the code',
    submit_webhook: 'Add webhook',
    submit_telegram: 'Add group',
    adding: 'Adding…',
    added: 'Channel added.',
    codeMailed: 'Code mailed. Enter it in the list of your channels.',
    secretTitle: (label: string) => `Secret of the webhook “${label}”`,
    secretNote:
      'Your own receiver verifies Buoy’s messages with it; Slack, Discord, ntfy and Teams do not need it. It is shown only once.',
    copySecret: 'Copy secret',
    done: 'Done',
  },
  ru: {
    title: 'Добавить канал уведомлений',
    browserHint: 'Этот браузер может показывать тревоги на этом устройстве, даже когда Buoy не открыт.',
    addBrowser: 'Добавить этот браузер',
    addingBrowser: 'Добавляем браузер…',
    browserIsAdded: 'Этот браузер уже есть в списке выше.',
    problem_telegram:
      'Telegram не может показывать уведомления браузера. Чтобы получать их на этом устройстве, откройте Buoy в браузере.',
    problem_insecure:
      'Браузеры показывают уведомления только для страниц по https и на localhost. Чтобы добавить этот браузер, откройте Buoy так.',
    problem_unsupported:
      'Этот браузер не поддерживает push-уведомления. Откройте Buoy в современном браузере на компьютере или телефоне с Android либо добавьте другой канал.',
    problem_denied:
      'В этом браузере уведомления от Buoy запрещены. Разрешите их в настройках сайта в браузере и перезагрузите страницу.',
    notAllowed: 'Вы не разрешили уведомления. Нажмите кнопку ещё раз и выберите «Разрешить».',
    noPushService:
      'Браузер не смог связаться со своей службой уведомлений. Проверьте сеть и настройки уведомлений в браузере и повторите.',
    notAdded: 'Браузер не смог подписаться на уведомления. Перезагрузите страницу и повторите.',
    add_email: 'Почта',
    add_webhook: 'Вебхук',
    add_telegram: 'Группа в Telegram',
    address: 'Адрес почты',
    addressHint: 'Buoy отправит на этот адрес код. Введите его в списке выше.',
    url: 'URL',
    urlHint: 'Куда Buoy отправляет каждую тревогу: вебхук Slack, Discord или Teams либо тема ntfy.',
    template: 'Формат',
    template_json: 'JSON, для своего получателя',
    chatId: 'Номер чата',
    chatIdHint:
      'Отрицательное число, например -1001234567890. Сначала добавьте бота Buoy в группу или канал и сделайте его администратором.',
    threadId: 'Номер темы (необязательно)',
    threadIdHint: 'Только для группы с темами.',
    label: 'Название (необязательно)',
    submit_email: 'Отправить код',
    submit_webhook: 'Добавить вебхук',
    submit_telegram: 'Добавить группу',
    adding: 'Добавляем…',
    added: 'Канал добавлен.',
    codeMailed: 'Код отправлен. Введите его в списке ваших каналов.',
    secretTitle: (label: string) => `Секрет вебхука «${label}»`,
    secretNote:
      'По нему ваш получатель проверяет, что сообщение пришло от Buoy; Slack, Discord, ntfy и Teams он не нужен. Показывается только один раз.',
    copySecret: 'Скопировать секрет',
    done: 'Готово',
  },
  de: {
    title: 'Benachrichtigungskanal hinzufügen',
    browserHint: 'Dieser Browser kann Alarme auf diesem Gerät anzeigen, auch wenn Buoy nicht geöffnet ist.',
    addBrowser: 'Diesen Browser hinzufügen',
    addingBrowser: 'Browser wird hinzugefügt …',
    browserIsAdded: 'Dieser Browser steht schon in der Liste oben.',
    problem_telegram:
      'Telegram kann keine Browser-Benachrichtigungen anzeigen. Öffnen Sie Buoy in einem Browser, um sie auf diesem Gerät zu erhalten.',
    problem_insecure:
      'Browser zeigen Benachrichtigungen nur für Seiten über https oder auf localhost. Öffnen Sie Buoy dort, um diesen Browser hinzuzufügen.',
    problem_unsupported:
      'Dieser Browser unterstützt keine Push-Benachrichtigungen. Verwenden Sie einen aktuellen Browser auf einem Computer oder Android-Telefon, oder fügen Sie einen anderen Kanal hinzu.',
    problem_denied:
      'In diesem Browser sind Benachrichtigungen von Buoy blockiert. Erlauben Sie sie in den Website-Einstellungen des Browsers, und laden Sie die Seite neu.',
    notAllowed:
      'Sie haben Benachrichtigungen nicht erlaubt. Drücken Sie noch einmal auf den Knopf, und wählen Sie „Zulassen“.',
    noPushService:
      'Der Browser hat seinen Push-Dienst nicht erreicht. Prüfen Sie Ihr Netz und die Benachrichtigungs-Einstellungen des Browsers, und versuchen Sie es erneut.',
    notAdded:
      'Der Browser konnte die Benachrichtigungen nicht abonnieren. Laden Sie die Seite neu, und versuchen Sie es erneut.',
    add_email: 'E-Mail',
    add_webhook: 'Webhook',
    add_telegram: 'Telegram-Gruppe',
    address: 'E-Mail-Adresse',
    addressHint: 'Buoy mailt einen Code an diese Adresse. Geben Sie ihn in der Liste oben ein.',
    url: 'URL',
    urlHint: 'Wohin Buoy jeden Alarm sendet: ein Webhook von Slack, Discord oder Teams oder ein ntfy-Thema.',
    template: 'Format',
    template_json: 'JSON, für einen eigenen Empfänger',
    chatId: 'Chat-Nummer',
    chatIdHint:
      'Eine negative Zahl wie -1001234567890. Fügen Sie zuerst den Bot von Buoy der Gruppe oder dem Kanal hinzu, und machen Sie ihn zum Administrator.',
    threadId: 'Themen-Nummer (optional)',
    threadIdHint: 'Nur für eine Gruppe mit Themen.',
    label: 'Name (optional)',
    submit_email: 'Code mailen',
    submit_webhook: 'Webhook hinzufügen',
    submit_telegram: 'Gruppe hinzufügen',
    adding: 'Wird hinzugefügt …',
    added: 'Kanal hinzugefügt.',
    codeMailed: 'Code gemailt. Geben Sie ihn in der Liste Ihrer Kanäle ein.',
    secretTitle: (label: string) => `Geheimnis des Webhooks „${label}“`,
    secretNote:
      'Ihr eigener Empfänger prüft damit die Nachrichten von Buoy; Slack, Discord, ntfy und Teams brauchen es nicht. Es wird nur einmal angezeigt.',
    copySecret: 'Geheimnis kopieren',
    done: 'Fertig',
  },
});
