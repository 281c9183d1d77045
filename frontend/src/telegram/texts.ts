// The words of what only Telegram has.
import { defineTexts } from '../i18n/texts.ts';

export const telegramTexts = defineTexts({
  en: {
    notYou: 'This was not confirmed by your face or fingerprint, so nothing was done.',
    onThisDevice: 'On this device',
    face: 'Confirm by Face ID',
    finger: 'Confirm by fingerprint',
    biometrics: 'Confirm by biometrics',
    biometricsHint: 'Asked for before deleting and other acts that cannot be undone.',
    whyOn: 'Buoy asks for it before acts that cannot be undone.',
    whyOff: 'Acts that cannot be undone will no longer ask for it.',
    notLent: 'It stays off: Telegram did not lend your biometrics to Buoy, or they were not recognised.',
    stillOn: 'It stays on: your face or fingerprint was not recognised.',
    openSettings: 'Open Telegram’s settings',
  },
  ru: {
    notYou: 'Лицо или отпечаток пальца не подтверждены, поэтому ничего не сделано.',
    onThisDevice: 'На этом устройстве',
    face: 'Подтверждать по лицу',
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
    notYou: 'Gesicht oder Fingerabdruck wurden nicht bestätigt, deshalb ist nichts geschehen.',
    onThisDevice: 'Auf diesem Gerät',
    face: 'Mit Gesichtserkennung bestätigen',
    finger: 'Mit Fingerabdruck bestätigen',
    biometrics: 'Mit Biometrie bestätigen',
    biometricsHint: 'Vor dem Löschen und vor anderem, was sich nicht zurücknehmen lässt.',
    whyOn: 'Buoy fragt danach, bevor etwas Unwiderrufliches geschieht.',
    whyOff: 'Unwiderrufliches fragt dann nicht mehr danach.',
    notLent: 'Bleibt aus: Telegram hat Buoy die Biometrie nicht freigegeben, oder sie wurde nicht erkannt.',
    stillOn: 'Bleibt an: Gesicht oder Fingerabdruck wurden nicht erkannt.',
    openSettings: 'Einstellungen von Telegram öffnen',
  },
});
