// The words of the bot, in every language of Buoy.
import type { RepairStepId } from '@buoy/contract';
import type { Language } from '../notify/sender.ts';

type Texts = {
  welcome: (name: string) => string;
  signInFirst: string;
  yourId: (id: string) => string;
  chatId: (id: string) => string;
  topicId: (id: number) => string;
  openApp: string;
  help: readonly [command: string, text: string][];
  unknown: string;
  noServers: string;
  more: (count: string) => string;
  whichServer: string;
  noSuchServer: (name: string) => string;
  severalServers: string;
  noAlerts: string;
  gateway: string;
  diskFree: string;
  memoryFree: string;
  howToAsk: string;
  noSuchAgent: (name: string) => string;
  nameServer: string;
  asked: (agent: string, server: string) => string;
  answerOf: (agent: string, server: string) => string;
  noAnswer: string;
  stillWorking: string;
  acknowledged: string;
  snoozed: string;
  unknownButton: string;
  repairOf: (server: string) => string;
  run: Record<RepairStepId, string>;
  steps: Record<RepairStepId, string>;
  tried: string;
  nextStep: string;
  allSteps: string;
  tooLong: string;
  running: string;
  stillRunning: string;
  repaired: string;
  notRepaired: string;
};

export const botTexts: Record<Language, Texts> = {
  en: {
    welcome: (name) => `Hello, ${name}. This is the bot of Buoy: it tells you when a server needs you.`,
    signInFirst: 'Buoy does not know you yet: open the app and sign in.',
    yourId: (id) => `Your Telegram id: ${id}`,
    chatId: (id) => `The id of this chat: ${id}`,
    topicId: (id) => `The id of this topic: ${id}`,
    openApp: 'Open Buoy',
    help: [
      ['servers', 'Your servers and their state'],
      ['status', 'One server: /status NAME'],
      ['alerts', 'What is wrong now'],
      ['ask', 'Ask an agent: /ask AGENT text'],
      ['myid', 'Your Telegram id'],
      ['help', 'What this bot can do'],
    ],
    unknown: 'I do not know this command.',
    noServers: 'You have no servers yet.',
    more: (count) => `and ${count} more`,
    whichServer: 'Which server? Write /status NAME.',
    noSuchServer: (name) => `You have no server that is called “${name}”.`,
    severalServers: 'Several servers match:',
    noAlerts: 'No alerts. All is well.',
    gateway: 'Gateway',
    diskFree: 'Disk free',
    memoryFree: 'Memory free',
    howToAsk: 'Write /ask AGENT text, or /ask AGENT@SERVER text.',
    noSuchAgent: (name) => `None of your servers has an agent “${name}”.`,
    nameServer: 'Name the server as well. Write one of these:',
    asked: (agent, server) => `${agent} on ${server} is working …`,
    answerOf: (agent, server) => `${agent} on ${server}:`,
    noAnswer: 'It ended without an answer.',
    stillWorking: 'It is still working. Open the app to see its answer.',
    acknowledged: 'Acknowledged.',
    snoozed: 'Snoozed for one hour.',
    unknownButton: 'This button no longer works. Open the app.',
    repairOf: (server) => `Repair ${server}`,
    run: {
      restart: 'Run restart',
      'reset-failed': 'Clear the limit and start',
      doctor: 'Run doctor and restart',
      'config-rollback': 'Roll back the config',
      'version-rollback': 'Roll back the version',
    },
    tried: 'Tried',
    nextStep: 'The next step:',
    allSteps: 'All repair steps',
    tooLong: 'The commands are too long for a message. Run this step in the app.',
    steps: {
      restart: 'Restart the gateway',
      'reset-failed': 'Clear the start limit, then start the gateway',
      doctor: 'Have OpenClaw mend its config and state, then restart it',
      'config-rollback': 'Go back to the last config that worked, then restart',
      'version-rollback': 'Go back to the version and state before the last update',
    },
    running: 'Running …',
    stillRunning: 'Still running. Open the app to see how it ends.',
    repaired: 'The gateway works again.',
    notRepaired: 'It did not help.',
  },
  ru: {
    welcome: (name) => `Здравствуйте, ${name}. Это бот Buoy: он сообщит, когда серверу нужна ваша помощь.`,
    signInFirst: 'Buoy вас ещё не знает: откройте приложение и войдите.',
    yourId: (id) => `Ваш идентификатор в Telegram: ${id}`,
    chatId: (id) => `Идентификатор этого чата: ${id}`,
    topicId: (id) => `Идентификатор этой темы: ${id}`,
    openApp: 'Открыть Buoy',
    help: [
      ['servers', 'Ваши серверы и их состояние'],
      ['status', 'Один сервер: /status ИМЯ'],
      ['alerts', 'Что сейчас не так'],
      ['ask', 'Спросить агента: /ask АГЕНТ текст'],
      ['myid', 'Ваш идентификатор в Telegram'],
      ['help', 'Что умеет бот'],
    ],
    unknown: 'Я не знаю такой команды.',
    noServers: 'У вас пока нет серверов.',
    more: (count) => `и ещё ${count}`,
    whichServer: 'Какой сервер? Напишите /status ИМЯ.',
    noSuchServer: (name) => `У вас нет сервера с именем «${name}».`,
    severalServers: 'Подходит несколько серверов:',
    noAlerts: 'Тревог нет. Всё в порядке.',
    gateway: 'Шлюз',
    diskFree: 'Свободно на диске',
    memoryFree: 'Свободно памяти',
    howToAsk: 'Напишите /ask АГЕНТ текст или /ask АГЕНТ@СЕРВЕР текст.',
    noSuchAgent: (name) => `Ни на одном из ваших серверов нет агента «${name}».`,
    nameServer: 'Укажите и сервер. Напишите одно из этого:',
    asked: (agent, server) => `${agent} на ${server} работает …`,
    answerOf: (agent, server) => `${agent} на ${server}:`,
    noAnswer: 'Агент закончил без ответа.',
    stillWorking: 'Агент ещё работает. Ответ будет в приложении.',
    acknowledged: 'Принято.',
    snoozed: 'Отложено на час.',
    unknownButton: 'Эта кнопка больше не работает. Откройте приложение.',
    repairOf: (server) => `Починить ${server}`,
    run: {
      restart: 'Выполнить перезапуск',
      'reset-failed': 'Сбросить счётчик и запустить',
      doctor: 'Выполнить doctor и перезапуск',
      'config-rollback': 'Откатить настройки',
      'version-rollback': 'Откатить версию',
    },
    tried: 'Уже пробовали',
    nextStep: 'Следующий шаг:',
    allSteps: 'Все шаги ремонта',
    tooLong: 'Команды слишком длинные для сообщения. Выполните этот шаг в приложении.',
    steps: {
      restart: 'Перезапустить шлюз',
      'reset-failed': 'Сбросить счётчик неудачных запусков и запустить шлюз',
      'config-rollback': 'Вернуть последние рабочие настройки и перезапустить шлюз',
      'version-rollback': 'Вернуть версию и данные, которые были до последнего обновления',
      doctor: 'OpenClaw исправит свои настройки и данные, затем шлюз перезапустится',
    },
    running: 'Выполняется …',
    stillRunning: 'Ещё выполняется. Чем закончится, будет видно в приложении.',
    repaired: 'Шлюз снова работает.',
    notRepaired: 'Это не помогло.',
  },
  de: {
    welcome: (name) =>
      `Hallo ${name}. Das ist der Bot von Buoy: Er meldet sich, wenn ein Server Sie braucht.`,
    signInFirst: 'Buoy kennt Sie noch nicht: Öffnen Sie die App und melden Sie sich an.',
    yourId: (id) => `Ihre Telegram-ID: ${id}`,
    chatId: (id) => `Die ID dieses Chats: ${id}`,
    topicId: (id) => `Die ID dieses Themas: ${id}`,
    openApp: 'Buoy öffnen',
    help: [
      ['servers', 'Ihre Server und ihr Zustand'],
      ['status', 'Ein Server: /status NAME'],
      ['alerts', 'Was gerade nicht stimmt'],
      ['ask', 'Einen Agenten fragen: /ask AGENT Text'],
      ['myid', 'Ihre Telegram-ID'],
      ['help', 'Was dieser Bot kann'],
    ],
    unknown: 'Diesen Befehl kenne ich nicht.',
    noServers: 'Sie haben noch keine Server.',
    more: (count) => `und ${count} weitere`,
    whichServer: 'Welcher Server? Schreiben Sie /status NAME.',
    noSuchServer: (name) => `Sie haben keinen Server namens „${name}“.`,
    severalServers: 'Mehrere Server passen:',
    noAlerts: 'Keine Alarme. Alles in Ordnung.',
    gateway: 'Gateway',
    diskFree: 'Datenträger frei',
    memoryFree: 'Arbeitsspeicher frei',
    howToAsk: 'Schreiben Sie /ask AGENT Text oder /ask AGENT@SERVER Text.',
    noSuchAgent: (name) => `Keiner Ihrer Server hat einen Agenten „${name}“.`,
    nameServer: 'Nennen Sie auch den Server. Schreiben Sie eines davon:',
    asked: (agent, server) => `${agent} auf ${server} arbeitet …`,
    answerOf: (agent, server) => `${agent} auf ${server}:`,
    noAnswer: 'Er ist ohne Antwort fertig geworden.',
    stillWorking: 'Er arbeitet noch. Die Antwort steht dann in der App.',
    acknowledged: 'Angenommen.',
    snoozed: 'Um eine Stunde aufgeschoben.',
    unknownButton: 'Diese Schaltfläche gilt nicht mehr. Öffnen Sie die App.',
    repairOf: (server) => `${server} reparieren`,
    run: {
      restart: 'Neustart ausführen',
      'reset-failed': 'Sperre aufheben und starten',
      doctor: 'Doctor und Neustart ausführen',
      'config-rollback': 'Konfiguration zurücksetzen',
      'version-rollback': 'Version zurücksetzen',
    },
    tried: 'Schon versucht',
    nextStep: 'Der nächste Schritt:',
    allSteps: 'Alle Reparaturschritte',
    tooLong: 'Die Befehle sind für eine Nachricht zu lang. Führen Sie diesen Schritt in der App aus.',
    steps: {
      restart: 'Das Gateway neu starten',
      'reset-failed': 'Die Startsperre aufheben, dann das Gateway starten',
      'config-rollback': 'Zur letzten Konfiguration zurück, die funktioniert hat, dann neu starten',
      'version-rollback': 'Zurück zu Version und Daten vor dem letzten Update',
      doctor: 'OpenClaw bringt Konfiguration und Daten in Ordnung und startet dann neu',
    },
    running: 'Läuft …',
    stillRunning: 'Läuft noch. Wie es ausgeht, steht dann in der App.',
    repaired: 'Das Gateway läuft wieder.',
    notRepaired: 'Das hat nicht geholfen.',
  },
};
