// UI texts of what only Telegram has.
import { defineTexts } from '../i18n/texts.ts';

export const telegramTexts = defineTexts({
  en: {
    notYou: 'Your face or fingerprint was not confirmed, so nothing was changed.',
    onThisDevice: 'On this device',
    faceRecognition: 'Confirm with Face ID',
    finger: 'Confirm with fingerprint',
    biometrics: 'Confirm with biometrics',
    biometricsHint: 'Required before deleting and other actions that cannot be undone.',
    whyOn: 'Buoy asks for it before actions that cannot be undone.',
    whyOff: 'Actions that cannot be undone will no longer ask for it.',
    notLent: 'Still off: Telegram gave Buoy no access to biometrics, or yours were not recognized.',
    stillOn: 'Still on: your face or fingerprint was not recognized.',
    openSettings: 'Open Telegram’s settings',
  },
  ru: {
    notYou: 'Лицо или отпечаток пальца не подтверждены, поэтому ничего не изменено.',
    onThisDevice: 'На этом устройстве',
    faceRecognition: 'Подтверждать по лицу',
    finger: 'Подтверждать отпечатком пальца',
    biometrics: 'Подтверждать биометрией',
    biometricsHint: 'Перед удалением и другими необратимыми действиями.',
    whyOn: 'Buoy будет запрашивать это перед необратимыми действиями.',
    whyOff: 'Необратимые действия больше не будут запрашивать подтверждение.',
    notLent: 'Осталось выключенным: Telegram не дал Buoy доступ к биометрии, или она не распознана.',
    stillOn: 'Осталось включённым: лицо или отпечаток пальца не распознаны.',
    openSettings: 'Открыть настройки Telegram',
  },
  de: {
    notYou: 'Gesicht oder Fingerabdruck wurden nicht bestätigt, deshalb wurde nichts geändert.',
    onThisDevice: 'Auf diesem Gerät',
    faceRecognition: 'Mit Gesichtserkennung bestätigen',
    finger: 'Mit Fingerabdruck bestätigen',
    biometrics: 'Mit Biometrie bestätigen',
    biometricsHint: 'Vor dem Löschen und anderen Aktionen, die sich nicht rückgängig machen lassen.',
    whyOn: 'Buoy fragt danach vor Aktionen, die sich nicht rückgängig machen lassen.',
    whyOff: 'Aktionen, die sich nicht rückgängig machen lassen, fragen nicht mehr danach.',
    notLent: 'Bleibt aus: Telegram hat Buoy die Biometrie nicht freigegeben, oder sie wurde nicht erkannt.',
    stillOn: 'Bleibt an: Gesicht oder Fingerabdruck wurden nicht erkannt.',
    openSettings: 'Einstellungen von Telegram öffnen',
  },
});
