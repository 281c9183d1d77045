// The words of notifications, in every language of Buoy.
import type { AutoRepairResult } from '@buoy/contract';
import type { Language } from './sender.ts';

type Texts = {
  resolved: string;
  acknowledged: string;
  snoozedUntil: (moment: string) => string;
  since: (moment: string) => string;
  reminder: (since: string, span: string) => string;
  lasted: (span: string) => string;
  summary: (alerts: number, servers: number) => string;
  more: (alerts: number) => string;
  autoRepair: Record<AutoRepairResult, string>;
  switchedOnBy: (name: string) => string;
  open: string;
  repair: string;
  ack: string;
  snooze: string;
  monitorStale: string;
  noRoundSince: (moment: string) => string;
  mayBeUnseen: string;
  monitorRecovered: string;
  noRoundFor: (span: string, since: string) => string;
  testTitle: string;
  testBody: string;
  codeTitle: string;
  codeBody: (code: string) => string;
  units: { days: string; hours: string; minutes: string; seconds: string };
};

const plural = (
  language: string,
  count: number,
  forms: Partial<Record<Intl.LDMLPluralRule, string>>,
): string => `${count} ${forms[new Intl.PluralRules(language).select(count)] ?? forms.other}`;

const ruAlerts = (count: number) => plural('ru', count, { one: 'тревога', few: 'тревоги', other: 'тревог' });
const deAlerts = (count: number) => plural('de', count, { one: 'Alarm', other: 'Alarme' });
const enAlerts = (count: number) => plural('en', count, { one: 'alert', other: 'alerts' });

export const messageTexts: Record<Language, Texts> = {
  en: {
    resolved: 'Resolved',
    acknowledged: 'Acknowledged',
    snoozedUntil: (moment) => `Snoozed until ${moment}`,
    since: (moment) => `Since ${moment}`,
    reminder: (since, span) => `Reminder: nobody has acknowledged this. Since ${since}, for ${span}`,
    lasted: (span) => `It lasted ${span}.`,
    summary: (alerts, servers) =>
      `${enAlerts(alerts)} on ${plural('en', servers, { one: 'server', other: 'servers' })}`,
    more: (alerts) => `and ${enAlerts(alerts)} more`,
    autoRepair: {
      running: 'Automatic repair: Buoy is restarting the gateway.',
      succeeded: 'Automatic repair: Buoy has restarted the gateway.',
      failed: 'Automatic repair: Buoy restarted the gateway, which did not help.',
      cancelled: 'Automatic repair: the restart was cancelled.',
    },
    switchedOnBy: (name) => `Switched on by ${name}.`,
    open: 'Open',
    repair: 'Repair',
    ack: 'Ack',
    snooze: 'Snooze 1 h',
    monitorStale: 'Server checks have stopped',
    noRoundSince: (moment) => `Buoy has not finished a round of checks since ${moment}.`,
    mayBeUnseen: "Until it does, problems on your servers may go unnoticed. Buoy's log has the details.",
    monitorRecovered: 'Server checks are running again',
    noRoundFor: (span, since) => `No round of checks finished for ${span}, since ${since}.`,
    testTitle: 'Test from Buoy',
    testBody: 'Your alerts will arrive here.',
    codeTitle: 'Your confirmation code for Buoy',
    codeBody: (code) =>
      `${code} is the code that confirms this address for alerts of Buoy. It works for 30 minutes.\n\nIf you did not ask for it, ignore this message: nothing else will be sent to you.`,
    units: { days: 'd', hours: 'h', minutes: 'min', seconds: 's' },
  },
  ru: {
    resolved: 'Устранена',
    acknowledged: 'Принята',
    snoozedUntil: (moment) => `Отложена до ${moment}`,
    since: (moment) => `С ${moment}`,
    reminder: (since, span) => `Напоминание: тревогу никто не принял. С ${since}, уже ${span}`,
    lasted: (span) => `Длилась ${span}.`,
    summary: (alerts, servers) =>
      `${ruAlerts(alerts)} на ${plural('ru', servers, { one: 'сервере', other: 'серверах' })}`,
    more: (alerts) => `и ещё ${ruAlerts(alerts)}`,
    autoRepair: {
      running: 'Автоматический ремонт: Buoy перезапускает шлюз.',
      succeeded: 'Автоматический ремонт: Buoy перезапустил шлюз.',
      failed: 'Автоматический ремонт: Buoy перезапустил шлюз, но это не помогло.',
      cancelled: 'Автоматический ремонт: перезапуск отменён.',
    },
    switchedOnBy: (name) => `Включил(а): ${name}.`,
    open: 'Открыть',
    repair: 'Починить',
    ack: 'Принять',
    snooze: 'Отложить на 1 ч',
    monitorStale: 'Проверки серверов остановились',
    noRoundSince: (moment) => `С ${moment} ни один цикл проверок не завершился.`,
    mayBeUnseen:
      'До следующего завершённого цикла проблемы на серверах могут остаться незамеченными. Подробности — в журнале Buoy.',
    monitorRecovered: 'Проверки серверов возобновились',
    noRoundFor: (span, since) => `Перерыв длился ${span}, с ${since}.`,
    testTitle: 'Проверка от Buoy',
    testBody: 'Сюда будут приходить ваши тревоги.',
    codeTitle: 'Код подтверждения для Buoy',
    codeBody: (code) =>
      `${code} — код, который подтверждает этот адрес для тревог Buoy. Он действует 30 минут.\n\nЕсли вы его не запрашивали, не обращайте внимания на это письмо: больше ничего не придёт.`,
    units: { days: 'д', hours: 'ч', minutes: 'мин', seconds: 'с' },
  },
  de: {
    resolved: 'Behoben',
    acknowledged: 'Angenommen',
    snoozedUntil: (moment) => `Aufgeschoben bis ${moment}`,
    since: (moment) => `Seit ${moment}`,
    reminder: (since, span) => `Erinnerung: noch von niemandem angenommen. Seit ${since}, bisher ${span}`,
    lasted: (span) => `Dauer: ${span}`,
    summary: (alerts, servers) => `${deAlerts(alerts)} auf ${servers} Server${servers === 1 ? '' : 'n'}`,
    more: (alerts) => `und ${alerts} weitere`,
    autoRepair: {
      running: 'Automatische Reparatur: Buoy startet das Gateway neu.',
      succeeded: 'Automatische Reparatur: Buoy hat das Gateway neu gestartet.',
      failed: 'Automatische Reparatur: Buoy hat das Gateway neu gestartet, was nicht geholfen hat.',
      cancelled: 'Automatische Reparatur: Der Neustart wurde abgebrochen.',
    },
    switchedOnBy: (name) => `Eingeschaltet von ${name}.`,
    open: 'Öffnen',
    repair: 'Reparieren',
    ack: 'Annehmen',
    snooze: '1 Std. aufschieben',
    monitorStale: 'Die Serverprüfungen stehen still',
    noRoundSince: (moment) => `Seit ${moment} hat Buoy keinen Prüfdurchgang abgeschlossen.`,
    mayBeUnseen:
      'Bis zum nächsten können Probleme auf Ihren Servern unbemerkt bleiben. Mehr steht im Protokoll von Buoy.',
    monitorRecovered: 'Die Serverprüfungen laufen wieder',
    noRoundFor: (span, since) => `Unterbrechung: ${span}, seit ${since}`,
    testTitle: 'Test von Buoy',
    testBody: 'Ihre Alarme kommen hier an.',
    codeTitle: 'Ihr Bestätigungscode für Buoy',
    codeBody: (code) =>
      `${code} ist der Code, der diese Adresse für Alarme von Buoy bestätigt. Er gilt 30 Minuten.\n\nWenn Sie ihn nicht angefordert haben, ignorieren Sie diese Nachricht: Es kommt nichts weiter.`,
    units: { days: 'T', hours: 'Std.', minutes: 'Min.', seconds: 'Sek.' },
  },
};
