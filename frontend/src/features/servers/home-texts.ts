// UI texts of the list of servers, alone on the first page and beside a server.
import { defineTexts, plural } from '../../i18n/texts.ts';

export const homeTexts = defineTexts({
  en: {
    mayNotAdd:
      'You cannot add servers to this Buoy. Servers that others share with you appear here. A super-admin can allow you to add your own.',

    servers: 'Servers',
    addServer: 'Add server',
    addSeveral: 'Add several servers',
    loadingServers: 'Loading servers',
    search: 'Search by name, address or tag',
    tags: 'Filter by tag',
    groupOf: (title: string, count: number) => `${title} · ${count}`,
    untagged: 'Untagged',
    noMatch: 'No matching servers',
    noMatchHint: 'No server matches the search and all selected tags.',
    showAll: 'Show all servers',
    shown: (count: number) => plural('en', count, { one: 'server shown', other: 'servers shown' }),
    refresh: 'Refresh',
    pullToRefresh: 'Pull to refresh',
    releaseToRefresh: 'Release to refresh',
    refreshing: 'Refreshing…',
    openclawNotChecked: 'OpenClaw: not checked yet',
    noOpenclaw: 'No OpenClaw',
    versionUnknown: 'OpenClaw, version unknown',
    channelsUp: (count: number) => plural('en', count, { one: 'channel', other: 'channels' }),
    channelsDown: (names: string) => `Not connected: ${names}`,
    noChannels: 'No channels',
    diskUsed: (share: string) => `Disk ${share}`,
    diskFull: (share: string) => `Disk ${share}, nearly full`,
    asOf: (age: string) => `as of ${age}`,
    emptyTitle: 'No servers yet',
    emptyText:
      'Buoy connects to each server over SSH, as you do. It opens no port, and installs OpenClaw only when you ask for it. Adding a server takes less than a minute:',
    emptyPaste: 'Paste your ssh command, for example',
    emptyKey: 'Let Buoy create a key and install its public key on the server, or enter a password.',
    emptyTest:
      'Buoy tests the connection and offers to set up OpenClaw where it is missing. If the test fails, you see the reason.',
  },
  ru: {
    mayNotAdd:
      'Вы не можете добавлять серверы в этот Buoy. Здесь появятся серверы, которыми с вами поделятся. Право добавлять свои может дать главный администратор.',

    servers: 'Серверы',
    addServer: 'Добавить сервер',
    addSeveral: 'Добавить несколько серверов',
    loadingServers: 'Загружаем серверы',
    search: 'Поиск по имени, адресу или метке',
    tags: 'Отбор по меткам',
    groupOf: (title: string, count: number) => `${title} · ${count}`,
    untagged: 'Без метки',
    noMatch: 'Подходящих серверов нет',
    noMatchHint: 'Нет сервера, который подходит к поиску и всем выбранным меткам.',
    showAll: 'Показать все серверы',
    shown: (count: number) =>
      `Показано: ${plural('ru', count, { one: 'сервер', few: 'сервера', many: 'серверов', other: 'сервера' })}`,
    refresh: 'Обновить',
    pullToRefresh: 'Потяните, чтобы обновить',
    releaseToRefresh: 'Отпустите, чтобы обновить',
    refreshing: 'Обновляем список…',
    openclawNotChecked: 'OpenClaw: ещё не проверялся',
    noOpenclaw: 'OpenClaw не установлен',
    versionUnknown: 'OpenClaw, версия неизвестна',
    channelsUp: (count: number) =>
      plural('ru', count, { one: 'канал', few: 'канала', many: 'каналов', other: 'канала' }),
    channelsDown: (names: string) => `Не подключены: ${names}`,
    noChannels: 'Каналов нет',
    diskUsed: (share: string) => `Диск ${share}`,
    diskFull: (share: string) => `Диск ${share}, почти полон`,
    asOf: (age: string) => `данные получены ${age}`,
    emptyTitle: 'Серверов пока нет',
    emptyText:
      'Buoy подключается к серверам по SSH, как и вы. Он не открывает портов и устанавливает OpenClaw, только если вы попросите. Добавить сервер можно меньше чем за минуту:',
    emptyPaste: 'Вставьте команду ssh, например',
    emptyKey: 'Создайте в Buoy ключ и добавьте его открытую часть на сервер или укажите пароль.',
    emptyTest:
      'Buoy проверит подключение и предложит настроить OpenClaw, если его ещё нет. Если проверка не пройдёт, вы увидите причину.',
  },
  de: {
    mayNotAdd:
      'Sie können in diesem Buoy keine Server hinzufügen. Server, die andere mit Ihnen teilen, erscheinen hier. Das Recht auf eigene Server kann ein Super-Administrator erteilen.',

    servers: 'Server',
    addServer: 'Server hinzufügen',
    addSeveral: 'Mehrere Server hinzufügen',
    loadingServers: 'Server werden geladen',
    search: 'Suche nach Name, Adresse oder Tag',
    tags: 'Nach Tags filtern',
    groupOf: (title: string, count: number) => `${title} · ${count}`,
    untagged: 'Ohne Tag',
    noMatch: 'Keine passenden Server',
    noMatchHint: 'Kein Server passt zur Suche und zu allen gewählten Tags.',
    showAll: 'Alle Server zeigen',
    shown: (count: number) => plural('de', count, { one: 'Server gezeigt', other: 'Server gezeigt' }),
    refresh: 'Aktualisieren',
    pullToRefresh: 'Zum Aktualisieren ziehen',
    releaseToRefresh: 'Zum Aktualisieren loslassen',
    refreshing: 'Wird aktualisiert …',
    openclawNotChecked: 'OpenClaw: noch nicht geprüft',
    noOpenclaw: 'Kein OpenClaw',
    versionUnknown: 'OpenClaw, Version unbekannt',
    channelsUp: (count: number) => plural('de', count, { one: 'Kanal', other: 'Kanäle' }),
    channelsDown: (names: string) => `Nicht verbunden: ${names}`,
    noChannels: 'Keine Kanäle',
    diskUsed: (share: string) => `Platte ${share}`,
    diskFull: (share: string) => `Platte ${share}, fast voll`,
    asOf: (age: string) => `Stand: ${age}`,
    emptyTitle: 'Noch keine Server',
    emptyText:
      'Buoy verbindet sich mit jedem Server per SSH, so wie Sie. Es öffnet keinen Port und installiert OpenClaw nur auf Ihren Wunsch. Einen Server hinzuzufügen dauert keine Minute:',
    emptyPaste: 'Fügen Sie Ihren ssh-Befehl ein, zum Beispiel',
    emptyKey:
      'Lassen Sie Buoy einen Schlüssel erzeugen und installieren Sie den öffentlichen auf dem Server, oder geben Sie ein Passwort ein.',
    emptyTest:
      'Buoy prüft die Verbindung und bietet an, OpenClaw einzurichten, wo es fehlt. Scheitert die Prüfung, sehen Sie die Ursache.',
  },
});
