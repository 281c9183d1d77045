// UI texts about the Control UI: OpenClaw's own web interface, opened through Buoy.
import { defineTexts } from '../../i18n/texts.ts';

export const controlUiTexts = defineTexts({
  en: {
    open: 'Open Control UI',
    opening: 'Opening…',
    isOpen: 'The Control UI is open in another tab. It closes after 8 hours at most, or when you sign out.',
    continueToControlUi: 'Continue to the Control UI',
    ownTerminal: 'Or use your own terminal:',
    noOwnTerminal:
      'No ssh command is available for your own terminal: you have no access to the server’s jump server, or ssh -J does not support its login name.',
    copy: 'Copy',
    copySsh: 'Copy the SSH command',
    pageTitle: 'Control UI',
    onTheWay: 'Opening the Control UI…',
    notOpened: 'The Control UI could not be opened',
    noCode: 'This address contains no code. Open the Control UI from a server’s page.',
    oneMoment: 'Buoy is taking you to the server’s own web interface.',
    allServers: 'All servers',
  },
  ru: {
    open: 'Открыть Control UI',
    opening: 'Открываем…',
    isOpen:
      'Control UI открыт в другой вкладке. Он закроется не позже чем через 8 часов или когда вы выйдете из Buoy.',
    continueToControlUi: 'Перейти в Control UI',
    ownTerminal: 'Или из своего терминала:',
    noOwnTerminal:
      'Команды ssh для вашего терминала нет: у вас нет доступа к промежуточному серверу, или ssh -J не поддерживает его имя входа.',
    copy: 'Скопировать',
    copySsh: 'Скопировать команду SSH',
    pageTitle: 'Control UI',
    onTheWay: 'Открываем Control UI…',
    notOpened: 'Control UI не открылся',
    noCode: 'В этом адресе нет кода. Откройте Control UI со страницы сервера.',
    oneMoment: 'Buoy открывает веб-интерфейс сервера.',
    allServers: 'Все серверы',
  },
  de: {
    open: 'Control UI öffnen',
    opening: 'Wird geöffnet …',
    isOpen:
      'Das Control UI ist in einem anderen Tab offen. Es endet nach spätestens 8 Stunden oder wenn Sie sich abmelden.',
    continueToControlUi: 'Weiter zum Control UI',
    ownTerminal: 'Oder aus Ihrem eigenen Terminal:',
    noOwnTerminal:
      'Für Ihr eigenes Terminal gibt es keinen ssh-Befehl: Sie haben keinen Zugriff auf den Sprungserver, oder ssh -J unterstützt dessen Anmeldenamen nicht.',
    copy: 'Kopieren',
    copySsh: 'SSH-Befehl kopieren',
    pageTitle: 'Control UI',
    onTheWay: 'Das Control UI wird geöffnet …',
    notOpened: 'Das Control UI konnte nicht geöffnet werden',
    noCode: 'Diese Adresse enthält keinen Code. Öffnen Sie das Control UI von der Seite eines Servers aus.',
    oneMoment: 'Buoy öffnet die Weboberfläche des Servers.',
    allServers: 'Alle Server',
  },
});
