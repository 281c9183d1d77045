// What people are called where the person who looks on is one of them.
import { defineTexts } from '../../i18n/texts.ts';

export const personTexts = defineTexts({
  en: { you: 'you', another: 'someone else' },
  ru: { you: 'вы', another: 'кто-то другой' },
  de: { you: 'Sie', another: 'jemand anderes' },
});
