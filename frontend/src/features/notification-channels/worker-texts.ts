// UI text of the service worker, for a push message that it cannot read.
import { defineTexts } from '../../i18n/texts.ts';

export const workerTexts = defineTexts({
  en: { unreadable: 'Open Buoy to see what happened on your servers.' },
  ru: { unreadable: 'Откройте Buoy, чтобы узнать, что произошло на ваших серверах.' },
  de: { unreadable: 'Öffnen Sie Buoy, um zu sehen, was auf Ihren Servern passiert ist.' },
});
