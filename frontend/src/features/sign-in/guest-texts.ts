// UI texts of an invite for a person who has no account.
import { defineTexts } from '../../i18n/texts.ts';

export const guestTexts = defineTexts({
  en: {
    loading: 'Loading the invite',
    invited: 'You were invited to',
    invitedBy: (name: string) => `${name} invites you to`,
    as_viewer: 'with view access.',
    as_admin: 'as an admin.',
    name: 'Your name',
    nameHint: 'It is shown to others. You need no account and no password.',
    join: 'Join',
    joining: 'Joining…',
    haveAccount: 'Already have an account? Sign in:',
  },
  ru: {
    loading: 'Загрузка приглашения',
    invited: 'Вас пригласили на сервер',
    invitedBy: (name: string) => `${name} приглашает вас на сервер`,
    as_viewer: 'с правом просмотра.',
    as_admin: 'как администратора.',
    name: 'Ваше имя',
    nameHint: 'Его увидят другие. Учётная запись и пароль не нужны.',
    join: 'Присоединиться',
    joining: 'Присоединяемся…',
    haveAccount: 'У вас уже есть учётная запись? Тогда войдите:',
  },
  de: {
    loading: 'Einladung wird geladen',
    invited: 'Sie wurden eingeladen zu',
    invitedBy: (name: string) => `${name} lädt Sie ein zu`,
    as_viewer: 'mit Lesezugriff.',
    as_admin: 'als Administrator.',
    name: 'Ihr Name',
    nameHint: 'Er wird anderen angezeigt. Sie brauchen kein Konto und kein Passwort.',
    join: 'Beitreten',
    joining: 'Sie treten bei …',
    haveAccount: 'Haben Sie hier schon ein Konto? Dann melden Sie sich an:',
  },
});
