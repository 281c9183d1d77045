// UI texts about the name that others see.
import { defineTexts } from '../../i18n/texts.ts';

export const displayNameTexts = defineTexts({
  en: {
    title: 'Display name',
    name: 'Name shown to others',
    hint: 'It is kept when you sign in again.',
    save: 'Save name',
    reset: 'Use my name from sign-in',
  },
  ru: {
    title: 'Отображаемое имя',
    name: 'Имя, которое видят другие',
    hint: 'Оно сохранится при следующем входе.',
    save: 'Сохранить имя',
    reset: 'Взять имя, указанное при входе',
  },
  de: {
    title: 'Anzeigename',
    name: 'Der Name, den andere sehen',
    hint: 'Er bleibt, wenn Sie sich wieder anmelden.',
    save: 'Namen speichern',
    reset: 'Namen aus der Anmeldung verwenden',
  },
});
