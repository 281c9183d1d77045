// UI texts of the way to the alerts: apart, because they come with the first load.
import { defineTexts, plural } from '../../i18n/texts.ts';

export const alertsLinkTexts = defineTexts({
  en: {
    alerts: 'Alerts',
    alertsWith: (count: number) => `Alerts, ${plural('en', count, { one: 'new', other: 'new' })}`,
  },
  ru: {
    alerts: 'Тревоги',
    alertsWith: (count: number) =>
      `Тревоги, ${plural('ru', count, { one: 'новая', few: 'новые', many: 'новых', other: 'новой' })}`,
  },
  de: {
    alerts: 'Alarme',
    alertsWith: (count: number) => `Alarme, ${plural('de', count, { one: 'neuer', other: 'neue' })}`,
  },
});
