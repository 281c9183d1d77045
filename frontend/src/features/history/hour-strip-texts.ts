// UI texts of the strip with the last hours of a server.
import { defineTexts } from '../../i18n/texts.ts';

export const hourStripTexts = defineTexts({
  en: {
    up: (share: string) => `Up ${share} of the last 24 hours`,
    notChecked: 'Not checked in the last 24 hours',
  },
  ru: {
    up: (share: string) => `За последние 24 часа работал ${share} времени`,
    notChecked: 'За последние 24 часа проверок не было',
  },
  de: {
    up: (share: string) => `In den letzten 24 Stunden ${share} in Betrieb`,
    notChecked: 'In den letzten 24 Stunden nicht geprüft',
  },
});
