// The words for letting people in by a link.
import { defineTexts } from '../../i18n/texts.ts';

export const inviteTexts = defineTexts({
  en: {
    invite: 'Invite a person',
    what: 'Makes an account and a link that signs its owner in, without Telegram. They see no server until somebody shares one.',
    name: 'Name of the person',
    makeLink: 'Make a sign-in link',
    cancel: 'Cancel',
    made: (name: string) => `${name} can sign in`,
    linkFor: (name: string) => `The link for ${name}`,
    linkWhat: 'A sign-in link lets this person in once, within a day. It voids the one that you made before.',
    linkOnce:
      'It works once, within a day, for whoever opens it: send it to this person alone. It is not shown again.',
    copyLink: 'Copy the link',
    done: 'Done',
  },
  ru: {
    invite: 'Пригласить человека',
    what: 'Создаёт учётную запись и ссылку для входа без Telegram. Серверов этот человек не увидит, пока ими не поделятся.',
    name: 'Имя человека',
    makeLink: 'Создать ссылку для входа',
    cancel: 'Отмена',
    made: (name: string) => `${name} может войти`,
    linkFor: (name: string) => `Ссылка для входа: ${name}`,
    linkWhat:
      'По ссылке этот человек войдёт один раз в течение суток. Ваша прежняя ссылка перестанет действовать.',
    linkOnce:
      'Ссылка действует один раз в течение суток для любого, кто её откроет: отправьте её только этому человеку. Больше она не показывается.',
    copyLink: 'Скопировать ссылку',
    done: 'Готово',
  },
  de: {
    invite: 'Person einladen',
    what: 'Legt ein Konto an und einen Link, der ohne Telegram anmeldet. Server sieht diese Person erst, wenn jemand einen teilt.',
    name: 'Name der Person',
    makeLink: 'Anmeldelink erstellen',
    cancel: 'Abbrechen',
    made: (name: string) => `${name} kann sich anmelden`,
    linkFor: (name: string) => `Der Link für ${name}`,
    linkWhat:
      'Ein Anmeldelink meldet diese Person einmal an, innerhalb eines Tages. Ihr früherer Link gilt dann nicht mehr.',
    linkOnce:
      'Er gilt einmal, innerhalb eines Tages, für jeden, der ihn öffnet: Schicken Sie ihn nur dieser Person. Er wird nicht noch einmal gezeigt.',
    copyLink: 'Link kopieren',
    done: 'Fertig',
  },
});
