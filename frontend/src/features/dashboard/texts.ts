// The words about the Control UI: OpenClaw's own web interface, opened through Buoy.
import { defineTexts } from '../../i18n/texts.ts';

export const controlUiTexts = defineTexts({
  en: {
    open: 'Open Control UI',
    opening: 'Opening…',
    isOpen:
      'The Control UI is open in another tab, for at most 8 hours and for as long as you are signed in.',
    goOn: 'Continue to the Control UI',
    ownTerminal: 'From your own terminal instead:',
    noOwnTerminal:
      'There is no ssh command for your own terminal: the server is reached through a jump server that you have no access to, or whose login name ssh -J cannot carry.',
    copy: 'Copy',
    copySsh: 'Copy the SSH command',
    pageTitle: 'Control UI',
    onTheWay: 'Opening the Control UI…',
    notOpened: 'The Control UI was not opened',
    noCode: 'There is no code in this address. Open the Control UI from the page of a server.',
    oneMoment: 'One moment: Buoy leads you to the server’s own web interface.',
    allServers: 'All servers',
  },
  ru: {
    open: 'Открыть Control UI',
    opening: 'Открываем…',
    isOpen: 'Control UI открыт в другой вкладке — не дольше 8 часов и пока вы не вышли из Buoy.',
    goOn: 'Перейти в Control UI',
    ownTerminal: 'Или из своего терминала:',
    noOwnTerminal:
      'Команды ssh для вашего терминала нет: сервер доступен через промежуточный сервер, к которому у вас нет доступа или имя входа которого нельзя передать в ssh -J.',
    copy: 'Скопировать',
    copySsh: 'Скопировать команду SSH',
    pageTitle: 'Control UI',
    onTheWay: 'Открываем Control UI…',
    notOpened: 'Control UI не открылся',
    noCode: 'В этом адресе нет кода. Откройте Control UI со страницы сервера.',
    oneMoment: 'Секунду: Buoy ведёт вас в собственный веб-интерфейс сервера.',
    allServers: 'Все серверы',
  },
  de: {
    open: 'Control UI öffnen',
    opening: 'Wird geöffnet …',
    isOpen:
      'Das Control UI ist in einem anderen Tab offen, höchstens 8 Stunden und solange Sie angemeldet sind.',
    goOn: 'Weiter zum Control UI',
    ownTerminal: 'Stattdessen aus dem eigenen Terminal:',
    noOwnTerminal:
      'Für das eigene Terminal gibt es keinen ssh-Befehl: Der Weg führt über einen Sprungserver, auf den Sie keinen Zugriff haben oder dessen Anmeldename sich nicht an ssh -J übergeben lässt.',
    copy: 'Kopieren',
    copySsh: 'SSH-Befehl kopieren',
    pageTitle: 'Control UI',
    onTheWay: 'Das Control UI wird geöffnet …',
    notOpened: 'Das Control UI wurde nicht geöffnet',
    noCode: 'In dieser Adresse steht kein Code. Öffnen Sie das Control UI von der Seite eines Servers aus.',
    oneMoment: 'Einen Moment: Buoy führt Sie zur eigenen Weboberfläche des Servers.',
    allServers: 'Alle Server',
  },
});
