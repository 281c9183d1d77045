// UI texts that say whose a server is, where it is not the reader's own.
import { defineTexts } from '../../i18n/texts.ts';

export const ownerTexts = defineTexts({
  en: {
    ofOwner: (name: string, id: string) => `owner: ${name} (${id})`,
    givenBy: (id: string) => `given by user ${id}`,
    notYours: 'someone else’s',
  },
  ru: {
    ofOwner: (name: string, id: string) => `владелец: ${name} (${id})`,
    givenBy: (id: string) => `передан пользователем ${id}`,
    notYours: 'чужой',
  },
  de: {
    ofOwner: (name: string, id: string) => `Eigentümer: ${name} (${id})`,
    givenBy: (id: string) => `übergeben von Benutzer ${id}`,
    notYours: 'von jemand anderem',
  },
});
