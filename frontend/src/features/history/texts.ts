// UI texts of a server's availability.
import { defineTexts } from '../../i18n/texts.ts';

export const historyTexts = defineTexts({
  en: {
    title: 'Availability',
    h24: 'Last 24 hours',
    d7: 'Last 7 days',
    d90: 'Last 90 days',
    unknown: 'not checked',
    maintenance: 'in maintenance',
    hour: (at: string, what: string) => `${at}: ${what}`,
    up: (share: string) => `up ${share} of the time`,
    strip: (whole: number, broken: number, unseen: number) =>
      `The last 24 hours: ${whole} without an outage, ${broken} with one, ${unseen} without checks`,
    about: 'Time in which nobody checked the server does not count.',
  },
  ru: {
    title: 'Доступность',
    h24: 'Последние 24 часа',
    d7: 'Последние 7 дней',
    d90: 'Последние 90 дней',
    unknown: 'проверок не было',
    maintenance: 'обслуживание',
    hour: (at: string, what: string) => `${at}: ${what}`,
    up: (share: string) => `работал ${share} времени`,
    strip: (whole: number, broken: number, unseen: number) =>
      `Последние 24 часа: без сбоев ${whole}, со сбоями ${broken}, без проверок ${unseen}`,
    about: 'Время, когда сервер никто не проверял, не учитывается.',
  },
  de: {
    title: 'Verfügbarkeit',
    h24: 'Letzte 24 Stunden',
    d7: 'Letzte 7 Tage',
    d90: 'Letzte 90 Tage',
    unknown: 'nicht geprüft',
    maintenance: 'in Wartung',
    hour: (at: string, what: string) => `${at}: ${what}`,
    up: (share: string) => `${share} der Zeit in Betrieb`,
    strip: (whole: number, broken: number, unseen: number) =>
      `Die letzten 24 Stunden: ${whole} ohne Ausfall, ${broken} mit Ausfall, ${unseen} ohne Prüfung`,
    about: 'Zeit, in der niemand den Server geprüft hat, zählt nicht.',
  },
});
