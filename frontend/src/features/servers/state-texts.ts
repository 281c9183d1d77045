// UI texts for the states of a server: six that are never mixed up.
import { defineTexts } from '../../i18n/texts.ts';

export const stateTexts = defineTexts({
  en: {
    up: 'Up',
    down: 'Down',
    unreachable: 'Unreachable',
    unknown: 'Unknown',
    maintenance: 'Maintenance',
    not_set_up: 'Not set up',
    lasting: (span: string) => `for ${span}`,
    neverChecked: 'Never checked',
    /** Stands before an age. */
    checked: 'Checked',
  },
  ru: {
    up: 'Работает',
    down: 'Не работает',
    unreachable: 'Недоступен',
    unknown: 'Неизвестно',
    maintenance: 'Обслуживание',
    not_set_up: 'Не настроен',
    lasting: (span: string) => span,
    neverChecked: 'Ещё не проверялся',
    checked: 'Проверен',
  },
  de: {
    up: 'Läuft',
    down: 'Ausgefallen',
    unreachable: 'Nicht erreichbar',
    unknown: 'Unbekannt',
    maintenance: 'Wartung',
    not_set_up: 'Nicht eingerichtet',
    lasting: (span: string) => `seit ${span}`,
    neverChecked: 'Noch nie geprüft',
    checked: 'Geprüft',
  },
});
