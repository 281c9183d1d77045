// UI texts for letting people in by a link.
import { defineTexts } from '../../i18n/texts.ts';

export const inviteTexts = defineTexts({
  en: {
    invite: 'Invite a person',
    what: 'Creates an account and a link to sign in to it without Telegram. The person sees no servers until someone shares one.',
    name: 'Name of the person',
    makeLink: 'Create sign-in link',
    cancel: 'Cancel',
    made: (name: string) => `${name} can sign in`,
    linkFor: (name: string) => `Sign-in link for ${name}`,
    linkWhat: 'The link signs this person in once, within a day. It replaces your previous link.',
    linkOnce:
      'The link works once, within a day, for anyone who opens it. Send it only to this person. It is not shown again.',
    copyLink: 'Copy link',
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
      'Ссылка впустит этого человека один раз в течение суток. Ваша прежняя ссылка перестанет действовать.',
    linkOnce:
      'Ссылка действует один раз в течение суток для любого, кто её откроет: отправьте её только этому человеку. Больше она не показывается.',
    copyLink: 'Скопировать ссылку',
    done: 'Готово',
  },
  de: {
    invite: 'Person einladen',
    what: 'Legt ein Konto an und einen Link zur Anmeldung ohne Telegram. Server sieht die Person erst, wenn jemand einen teilt.',
    name: 'Name der Person',
    makeLink: 'Anmeldelink erstellen',
    cancel: 'Abbrechen',
    made: (name: string) => `${name} kann sich anmelden`,
    linkFor: (name: string) => `Anmeldelink für ${name}`,
    linkWhat:
      'Der Link meldet diese Person einmal an, innerhalb eines Tages. Ihr früherer Link wird ungültig.',
    linkOnce:
      'Er gilt einmal, innerhalb eines Tages, für jeden, der ihn öffnet. Schicken Sie ihn nur dieser Person. Er wird nicht noch einmal angezeigt.',
    copyLink: 'Link kopieren',
    done: 'Fertig',
  },
});
