// UI texts of the way to the inbox: apart, because they come with the first load.
import { defineTexts, plural } from '../../i18n/texts.ts';

export const inboxLinkTexts = defineTexts({
  en: {
    inbox: 'Inbox',
    inboxWith: (count: number) =>
      `Inbox, ${plural('en', count, { one: 'request', other: 'requests' })} waiting`,
  },
  ru: {
    inbox: 'Входящие',
    inboxWith: (count: number) =>
      `Входящие, ${plural('ru', count, { one: 'запрос ждёт', few: 'запроса ждут', many: 'запросов ждут', other: 'запроса ждут' })}`,
  },
  de: {
    inbox: 'Eingang',
    inboxWith: (count: number) =>
      `Eingang, ${plural('de', count, { one: 'Anfrage wartet', other: 'Anfragen warten' })}`,
  },
});
