// UI texts of a bulk setup before it starts: the list of servers, their host keys, and the questions for all of them.
import { defineTexts, plural } from '../../i18n/texts.ts';

const servers = {
  en: (count: number) => plural('en', count, { one: 'server', other: 'servers' }),
  ru: (count: number) =>
    plural('ru', count, { one: 'сервер', few: 'сервера', many: 'серверов', other: 'сервера' }),
  de: (count: number) => plural('de', count, { one: 'Server', other: 'Server' }),
};

export const bulkTexts = defineTexts({
  en: {
    addServer: 'Add server',
    addSeveral: 'Add several servers',
    mayNotAdd: 'You cannot add servers to this Buoy. A super-admin can allow you to add your own.',
    lead: 'Buoy adds all servers of the list and sets up OpenClaw on each, with one login and one set of answers.',
    lines: 'Servers, one per line',
    linesHint:
      'Name, address and, where it differs, login name, separated by spaces, tabs or commas. The port follows the address: host:2222. A line may also be an ssh command.',
    count: (count: number) => servers.en(count),
    noLines: 'Enter at least one server.',
    lineProblem: (line: number, words: string) => `Line ${line}: ${words}`,
    moreProblems: (count: number) =>
      plural('en', count, {
        one: 'more line cannot be read.',
        other: 'more lines cannot be read.',
      }),
    problem_extra: (value: string) =>
      `“${value}” does not belong here. A line has a name, an address and a login name.`,
    problem_name: (value: string) =>
      `“${value}” cannot be a name. Names have at most 100 characters, none of them hidden.`,
    problem_username: (value: string) => `“${value}” is not a login name.`,
    problem_sameName: (value: string) => `an earlier line has the name ${value}.`,
    problem_sameAddress: (value: string) => `an earlier line has the address ${value} with the same login.`,
    problem_tooMany: (count: string) => `a list has at most ${count} servers.`,
    problem_taken: (value: string) =>
      `you already have a server named ${value} at another address, with another login or through another jump server.`,
    problem_given: (value: string) =>
      `someone gave you a server named ${value}. Choose another name, or set that server up on its own page.`,
    known: (names: string) => `Already in Buoy, with their stored login: ${names}.`,
    username: 'Login name',
    usernameHint: 'For lines that name none.',
    tags: 'Tags (optional)',
    tagsHint: 'Separated by commas.',
    secretsNote: 'The login is sent only to servers whose host key you trust in the next step.',
    readKeys: 'Read host keys',
    continueWith: (count: number) => `Continue with ${servers.en(count)}`,
    hostKeys: 'Check the host keys',
    hostKeysLead:
      'Compare each key with the key on the server itself, for example in the console of your provider. Buoy sends your password or key only to a server with the host key that you trust here.',
    readingKey: 'Reading the host key…',
    trusted: 'Trust this key',
    trustAll: (count: number) => `Trust all keys (${count})`,
    keyNotRead: 'The host key could not be read',
    readAgain: 'Read again',
    readAgainNamed: (name: string) => `Read again: the host key of ${name}`,
    sharedKey: (names: string) =>
      `Same host key as ${names}. This is usual for machines copied from one image, but a person who controls one of them can pose as the others.`,
    leftOut: (count: number) =>
      plural('en', count, {
        one: 'server without a trusted key is left out.',
        other: 'servers without a trusted key are left out.',
      }),
    back: 'Back',
    questions: 'Set up OpenClaw',
    questionsLead: (count: number) =>
      count === 1
        ? 'Buoy installs OpenClaw and Node.js on the server and starts the gateway.'
        : `Buoy installs OpenClaw and Node.js on ${servers.en(count)} and starts the gateways. The answers apply to all of them.`,
    noChannel:
      'Chat bots are not asked for here: the token of a bot works for one gateway only. Connect bots later, server by server.',
    sudoPassword: 'Password for sudo (optional)',
    sudoPasswordHint:
      'Needed where sudo asks for one, to keep the gateway running after sign-out. Buoy deletes it when setup ends.',
    loginAgain: 'This page forgets passwords and keys once they are sent. Enter the login again.',
    addAndSetUp: (count: number) => `Add and set up ${servers.en(count)}`,
    setUp: (count: number) => `Set up ${servers.en(count)}`,
  },
  ru: {
    addServer: 'Добавить сервер',
    addSeveral: 'Добавить несколько серверов',
    mayNotAdd:
      'Вы не можете добавлять серверы в этот Buoy. Право добавлять свои может дать главный администратор.',
    lead: 'Buoy добавит все серверы из списка и настроит на каждом OpenClaw: вход и ответы общие.',
    lines: 'Серверы, по одному в строке',
    linesHint:
      'Имя, адрес и, если он отличается, логин — через пробел, табуляцию или запятую. Порт пишется после адреса: host:2222. Строка может быть и командой ssh.',
    count: (count: number) => servers.ru(count),
    noLines: 'Укажите хотя бы один сервер.',
    lineProblem: (line: number, words: string) => `Строка ${line}: ${words}`,
    moreProblems: (count: number) =>
      `Не удалось прочитать ещё ${plural('ru', count, { one: 'строку', few: 'строки', many: 'строк', other: 'строки' })}.`,
    problem_extra: (value: string) => `«${value}» здесь лишнее. В строке есть имя, адрес и логин.`,
    problem_name: (value: string) =>
      `«${value}» не подходит как имя: нужно не больше 100 символов, и ни одного скрытого.`,
    problem_username: (value: string) => `«${value}» не может быть логином.`,
    problem_sameName: (value: string) => `имя ${value} уже есть в строке выше.`,
    problem_sameAddress: (value: string) => `адрес ${value} с тем же логином уже есть в строке выше.`,
    problem_tooMany: (count: string) => `в списке может быть не больше ${count} серверов.`,
    problem_taken: (value: string) =>
      `у вас уже есть сервер с именем ${value}, но с другим адресом, логином или промежуточным сервером.`,
    problem_given: (value: string) =>
      `сервер с именем ${value} вам передал кто-то другой. Выберите другое имя или настройте тот сервер на его странице.`,
    known: (names: string) => `Уже есть в Buoy, вход сохранён: ${names}.`,
    username: 'Логин',
    usernameHint: 'Для строк без логина.',
    tags: 'Метки (необязательно)',
    tagsHint: 'Через запятую.',
    secretsNote: 'Вход получат только серверы, чьему ключу хоста вы доверитесь на следующем шаге.',
    readKeys: 'Прочитать ключи хостов',
    continueWith: (count: number) => `Продолжить: ${servers.ru(count)}`,
    hostKeys: 'Проверьте ключи хостов',
    hostKeysLead:
      'Сравните каждый ключ с ключом на самом сервере, например в консоли провайдера. Buoy отправит пароль или ключ только серверу с тем ключом хоста, которому вы доверитесь здесь.',
    readingKey: 'Читаем ключ хоста…',
    trusted: 'Доверять этому ключу',
    trustAll: (count: number) => `Доверять всем ключам (${count})`,
    keyNotRead: 'Не удалось прочитать ключ хоста',
    readAgain: 'Прочитать ещё раз',
    readAgainNamed: (name: string) => `Прочитать ещё раз: ключ хоста ${name}`,
    sharedKey: (names: string) =>
      `Тот же ключ хоста, что у ${names}. Так бывает у машин из одного образа, но тот, кто управляет одной из них, может выдать себя за остальные.`,
    leftOut: (count: number) => `Без доверенного ключа, будут пропущены: ${servers.ru(count)}.`,
    back: 'Назад',
    questions: 'Настройка OpenClaw',
    questionsLead: (count: number) =>
      count === 1
        ? 'Buoy установит на сервер OpenClaw и Node.js и запустит шлюз.'
        : `Buoy установит OpenClaw и Node.js и запустит шлюзы: ${servers.ru(count)}. Ответы общие для всех.`,
    noChannel:
      'Токен бота здесь не нужен: он работает только с одним шлюзом. Ботов можно подключить позже, на каждом сервере отдельно.',
    sudoPassword: 'Пароль для sudo (необязательно)',
    sudoPasswordHint:
      'Нужен там, где sudo спрашивает пароль: чтобы шлюз работал и после выхода. Buoy удалит его, когда настройка закончится.',
    loginAgain: 'Эта страница забывает пароли и ключи, как только они отправлены. Введите вход ещё раз.',
    addAndSetUp: (count: number) => `Добавить и настроить ${servers.ru(count)}`,
    setUp: (count: number) => `Настроить ${servers.ru(count)}`,
  },
  de: {
    addServer: 'Server hinzufügen',
    addSeveral: 'Mehrere Server hinzufügen',
    mayNotAdd:
      'Sie können in diesem Buoy keine Server hinzufügen. Das Recht auf eigene Server kann ein Super-Administrator erteilen.',
    lead: 'Buoy fügt alle Server der Liste hinzu und richtet auf jedem OpenClaw ein, mit einer Anmeldung und denselben Antworten.',
    lines: 'Server, einer je Zeile',
    linesHint:
      'Name, Adresse und, wo er abweicht, Anmeldename, getrennt durch Leerzeichen, Tabs oder Kommas. Der Port folgt der Adresse: host:2222. Eine Zeile darf auch ein ssh-Befehl sein.',
    count: (count: number) => servers.de(count),
    noLines: 'Geben Sie mindestens einen Server ein.',
    lineProblem: (line: number, words: string) => `Zeile ${line}: ${words}`,
    moreProblems: (count: number) =>
      plural('de', count, {
        one: 'weitere Zeile ist nicht lesbar.',
        other: 'weitere Zeilen sind nicht lesbar.',
      }),
    problem_extra: (value: string) =>
      `„${value}“ gehört nicht hierher. Eine Zeile hat Name, Adresse und Anmeldenamen.`,
    problem_name: (value: string) =>
      `„${value}“ kann kein Name sein. Namen haben höchstens 100 Zeichen und keine verborgenen.`,
    problem_username: (value: string) => `„${value}“ ist kein Anmeldename.`,
    problem_sameName: (value: string) => `Eine frühere Zeile hat den Namen ${value}.`,
    problem_sameAddress: (value: string) =>
      `Eine frühere Zeile hat die Adresse ${value} mit derselben Anmeldung.`,
    problem_tooMany: (count: string) => `Eine Liste hat höchstens ${count} Server.`,
    problem_taken: (value: string) =>
      `Sie haben schon einen Server namens ${value}, mit anderer Adresse oder Anmeldung oder hinter einem anderen Sprungserver.`,
    problem_given: (value: string) =>
      `Jemand hat Ihnen einen Server namens ${value} übergeben. Wählen Sie einen anderen Namen, oder richten Sie ihn auf seiner eigenen Seite ein.`,
    known: (names: string) => `Schon in Buoy, mit gespeicherter Anmeldung: ${names}.`,
    username: 'Anmeldename',
    usernameHint: 'Für Zeilen ohne eigenen.',
    tags: 'Tags (freiwillig)',
    tagsHint: 'Durch Kommas getrennt.',
    secretsNote: 'Die Anmeldung erhalten nur Server, deren Hostschlüssel Sie im nächsten Schritt vertrauen.',
    readKeys: 'Hostschlüssel lesen',
    continueWith: (count: number) => `Weiter mit ${servers.de(count)}`,
    hostKeys: 'Hostschlüssel prüfen',
    hostKeysLead:
      'Vergleichen Sie jeden Schlüssel mit dem auf dem Server selbst, etwa in der Konsole Ihres Anbieters. Buoy sendet Passwort oder Schlüssel nur an einen Server mit dem Hostschlüssel, dem Sie hier vertrauen.',
    readingKey: 'Hostschlüssel wird gelesen …',
    trusted: 'Diesem Schlüssel vertrauen',
    trustAll: (count: number) => `Allen Schlüsseln vertrauen (${count})`,
    keyNotRead: 'Der Hostschlüssel ließ sich nicht lesen',
    readAgain: 'Erneut lesen',
    readAgainNamed: (name: string) => `Hostschlüssel von ${name} erneut lesen`,
    sharedKey: (names: string) =>
      `Derselbe Hostschlüssel wie bei ${names}. Das ist bei Maschinen aus einem Abbild üblich, aber wer eine davon beherrscht, kann sich als die anderen ausgeben.`,
    leftOut: (count: number) =>
      plural('de', count, {
        one: 'Server ohne vertrauten Schlüssel wird ausgelassen.',
        other: 'Server ohne vertrauten Schlüssel werden ausgelassen.',
      }),
    back: 'Zurück',
    questions: 'OpenClaw einrichten',
    questionsLead: (count: number) =>
      count === 1
        ? 'Buoy installiert OpenClaw und Node.js auf dem Server und startet das Gateway.'
        : `Buoy installiert OpenClaw und Node.js auf ${servers.de(count)}n und startet die Gateways. Die Antworten gelten für alle.`,
    noChannel:
      'Nach Chat-Bots wird hier nicht gefragt: Das Token eines Bots gilt nur für ein Gateway. Verbinden Sie Bots später, Server für Server.',
    sudoPassword: 'Passwort für sudo (freiwillig)',
    sudoPasswordHint:
      'Nötig, wo sudo danach fragt, damit das Gateway auch nach dem Abmelden läuft. Buoy löscht es am Ende der Einrichtung.',
    loginAgain:
      'Diese Seite vergisst Passwörter und Schlüssel, sobald sie gesendet sind. Geben Sie die Anmeldung erneut ein.',
    addAndSetUp: (count: number) => `${servers.de(count)} hinzufügen und einrichten`,
    setUp: (count: number) => `${servers.de(count)} einrichten`,
  },
});
