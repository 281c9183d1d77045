// The words about the name that others see.
import { defineTexts } from '../../i18n/texts.ts';

export const displayNameTexts = defineTexts({
  en: {
    title: 'Display name',
    name: 'The name that others see',
    hint: 'It stays when you sign in again.',
    save: 'Save the name',
    reset: 'Use the name that I signed in with',
  },
  ru: {
    title: 'Отображаемое имя',
    name: 'Имя, которое видят другие',
    hint: 'Оно сохранится при следующем входе.',
    save: 'Сохранить имя',
    reset: 'Использовать имя, с которым я вошёл',
  },
  de: {
    title: 'Anzeigename',
    name: 'Der Name, den andere sehen',
    hint: 'Er bleibt, wenn Sie sich wieder anmelden.',
    save: 'Namen speichern',
    reset: 'Den Namen verwenden, mit dem ich mich angemeldet habe',
  },
});
