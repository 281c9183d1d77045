// UI texts about the versions of what runs on a server, and their updates.
import { defineTexts } from '../../i18n/texts.ts';

export const updateTexts = defineTexts({
  en: {
    newerIsOut: (current: string, latest: string) => `${current} (${latest} is available)`,
    newestVersion: (current: string) => `${current} (newest)`,
    versions: 'Versions',
    pinnedTo: (current: string, pinned: string) => `${current} (pinned to ${pinned})`,
    pinnedBy: (tags: string) => `An update policy pins OpenClaw on this server. Tags: ${tags}`,
    pinsDiffer: (pins: string) =>
      `The tags of this server pin different versions, so OpenClaw is not updated: ${pins}`,
    pinOf: (tag: string, version: string) => `${tag} to ${version}`,
    windowClosed: (moment: string) =>
      `The update window is closed until ${moment}. You can still update this server now.`,
    windowNever:
      'The update windows of this server are never open at the same time. You can still update it now.',
    updatePolicies: 'Update policies',
    askingVersions: 'Reading versions…',
    noVersion: 'Not found',
    updateTo: (version: string) => `Update to ${version}`,
    updateComponentTo: (component: string, version: string) => `Update ${component} to ${version}`,
    askUpdate: (component: string, server: string, version: string) =>
      `Update ${component} on ${server} to ${version}?`,
    updateNow: 'Update now',
    updateSeveral: 'Update several servers',
    updating: 'Updating…',
    update_1: 'First a backup is made, and the new version is installed beside the old one.',
    update_2: 'Agents can finish their work first. Then the gateway is down for about a minute.',
    update_3: 'If a step fails, Buoy goes back to the old version and its state.',
    updateNode: 'The new version is installed beside the old one.',
    updateOther: 'If a step fails, Buoy goes back to the old version.',
    updateNpm: 'The gateway keeps running.',
  },
  ru: {
    newerIsOut: (current: string, latest: string) => `${current} (доступна ${latest})`,
    newestVersion: (current: string) => `${current} (новейшая)`,
    versions: 'Версии',
    pinnedTo: (current: string, pinned: string) => `${current} (закреплена ${pinned})`,
    pinnedBy: (tags: string) =>
      `Версия OpenClaw на этом сервере закреплена правилом обновлений. Метки: ${tags}`,
    pinsDiffer: (pins: string) =>
      `Метки этого сервера закрепляют разные версии, поэтому OpenClaw не обновляется: ${pins}`,
    pinOf: (tag: string, version: string) => `${tag}: ${version}`,
    windowClosed: (moment: string) =>
      `Окно обновлений закрыто до ${moment}. Этот сервер всё же можно обновить сейчас.`,
    windowNever:
      'Окна обновлений этого сервера никогда не открыты одновременно. Его всё же можно обновить сейчас.',
    updatePolicies: 'Правила обновлений',
    askingVersions: 'Чтение версий…',
    noVersion: 'Не найдено',
    updateTo: (version: string) => `Обновить до ${version}`,
    updateComponentTo: (component: string, version: string) => `Обновить ${component} до ${version}`,
    askUpdate: (component: string, server: string, version: string) =>
      `Обновить ${component} на ${server} до ${version}?`,
    updateNow: 'Обновить',
    updateSeveral: 'Обновить несколько серверов',
    updating: 'Обновляем…',
    update_1: 'Сначала создаётся резервная копия, новая версия ставится рядом со старой.',
    update_2: 'Агенты сначала закончат начатое. Затем шлюз будет недоступен около минуты.',
    update_3: 'Если шаг не удастся, Buoy вернёт старую версию и её состояние.',
    updateNode: 'Новая версия ставится рядом со старой.',
    updateOther: 'Если шаг не удастся, Buoy вернёт старую версию.',
    updateNpm: 'Шлюз продолжает работать.',
  },
  de: {
    newerIsOut: (current: string, latest: string) => `${current} (${latest} ist verfügbar)`,
    newestVersion: (current: string) => `${current} (die neueste)`,
    versions: 'Versionen',
    pinnedTo: (current: string, pinned: string) => `${current} (festgelegt auf ${pinned})`,
    pinnedBy: (tags: string) =>
      `Eine Update-Richtlinie legt die OpenClaw-Version dieses Servers fest. Tags: ${tags}`,
    pinsDiffer: (pins: string) =>
      `Die Tags dieses Servers legen verschiedene Versionen fest, deshalb wird OpenClaw nicht aktualisiert: ${pins}`,
    pinOf: (tag: string, version: string) => `${tag} auf ${version}`,
    windowClosed: (moment: string) =>
      `Das Update-Fenster ist bis ${moment} geschlossen. Sie können diesen Server trotzdem jetzt aktualisieren.`,
    windowNever:
      'Die Update-Fenster dieses Servers sind nie gleichzeitig offen. Sie können ihn trotzdem jetzt aktualisieren.',
    updatePolicies: 'Update-Richtlinien',
    askingVersions: 'Versionen werden gelesen …',
    noVersion: 'Nicht gefunden',
    updateTo: (version: string) => `Auf ${version} aktualisieren`,
    updateComponentTo: (component: string, version: string) => `${component} auf ${version} aktualisieren`,
    askUpdate: (component: string, server: string, version: string) =>
      `${component} auf ${server} auf ${version} aktualisieren?`,
    updateNow: 'Jetzt aktualisieren',
    updateSeveral: 'Mehrere Server aktualisieren',
    updating: 'Wird aktualisiert …',
    update_1: 'Zuerst wird eine Sicherung angelegt und die neue Version neben der alten installiert.',
    update_2: 'Agenten können ihre Arbeit zuerst beenden. Danach steht das Gateway etwa eine Minute still.',
    update_3: 'Wenn ein Schritt misslingt, stellt Buoy die alte Version und ihren Zustand wieder her.',
    updateNode: 'Die neue Version wird neben der alten installiert.',
    updateOther: 'Wenn ein Schritt misslingt, stellt Buoy die alte Version wieder her.',
    updateNpm: 'Das Gateway läuft weiter.',
  },
});
