// UI texts for the states of a server: six that are never mixed up.
import { stateNames } from '@buoy/contract/state-names';
import { defineTexts } from '../../i18n/texts.ts';

export const stateTexts = defineTexts({
  en: {
    ...stateNames.en,
    lasting: (span: string) => `for ${span}`,
    neverChecked: 'Never checked',
    /** Stands before an age. */
    checked: 'Checked',
  },
  ru: {
    ...stateNames.ru,
    lasting: (span: string) => span,
    neverChecked: 'Ещё не проверялся',
    checked: 'Проверен',
  },
  de: {
    ...stateNames.de,
    lasting: (span: string) => `seit ${span}`,
    neverChecked: 'Noch nie geprüft',
    checked: 'Geprüft',
  },
});
