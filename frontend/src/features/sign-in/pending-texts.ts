// UI texts for a person who has signed in and waits to be let in.
import { defineTexts } from '../../i18n/texts.ts';

export const pendingTexts = defineTexts({
  en: {
    title: 'Waiting for approval',
    signedInAs: (name: string) => `You are signed in as ${name}.`,
    what: 'An admin of this Buoy must approve you first. Send them this message:',
    sentence: (name: string, id: string) => `${name} (id ${id}) asks for access to Buoy.`,
    copy: 'Copy message',
    opensByItself: 'This page opens automatically when you are approved.',
    haveInvite: 'Have an invite link?',
  },
  ru: {
    title: 'Ожидание одобрения',
    signedInAs: (name: string) => `Вы вошли как ${name}.`,
    what: 'Сначала вас должен одобрить администратор этого Buoy. Отправьте ему это сообщение:',
    sentence: (name: string, id: string) => `${name} (id ${id}) просит доступ к Buoy.`,
    copy: 'Скопировать сообщение',
    opensByItself: 'Как только вас одобрят, эта страница откроется сама.',
    haveInvite: 'У вас есть ссылка-приглашение?',
  },
  de: {
    title: 'Warten auf Freischaltung',
    signedInAs: (name: string) => `Sie sind angemeldet als ${name}.`,
    what: 'Zuerst muss ein Administrator dieses Buoy Sie freischalten. Senden Sie ihm diese Nachricht:',
    sentence: (name: string, id: string) => `${name} (ID ${id}) bittet um Zugriff auf Buoy.`,
    copy: 'Nachricht kopieren',
    opensByItself: 'Sobald Sie freigeschaltet sind, öffnet sich diese Seite von selbst.',
    haveInvite: 'Haben Sie einen Einladungslink?',
  },
});
