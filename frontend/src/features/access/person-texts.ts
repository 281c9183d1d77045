// UI texts for people in lists: the reader and everyone else.
import { defineTexts } from '../../i18n/texts.ts';

export const personTexts = defineTexts({
  en: { you: 'you', another: 'someone else' },
  ru: { you: 'вы', another: 'кто-то другой' },
  de: { you: 'Sie', another: 'jemand anderes' },
});
