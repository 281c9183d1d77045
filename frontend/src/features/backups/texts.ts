// UI texts about backups.
import { defineTexts, plural } from '../../i18n/texts.ts';

export const backupTexts = defineTexts({
  en: {
    backups: 'Backups',
    backUp: 'Back up now',
    backingUp: 'Backing up…',
    made: (size: string) => `Backup created and verified: ${size}.`,
    madeBadly: 'A backup was created, but its verification failed.',
    running: (time: string) => `Backing up, ${time}. You can leave this page.`,
    kept: (count: number, size: string, age: string) => `${count} stored, ${size} · newest ${age}`,
    loading: 'Loading backups',
    emptyTitle: 'No backups yet',
    empty: 'Buoy creates a backup every day. To create one now, press the button.',
    unverifiedNote:
      'Not verified: this Buoy did not create the file, or the file has changed since. Restore from another backup if you can.',
    notInTelegram: 'Telegram cannot save files. To download, open Buoy in a browser.',
    verified: 'Verified',
    notVerified: 'Not verified',
    copySha: (filename: string) => `Copy the SHA-256 of ${filename}`,
    cancel: 'Cancel',
    download: 'Download',
    downloadOf: (filename: string) => `Download ${filename}`,
    downloading: (filename: string) => `Downloading ${filename}`,
    checking: 'Checking…',
    received: (part: string, whole: string) => `${part} of ${whole}`,
    matches: 'Downloaded; its SHA-256 matches.',
    unchecked: 'Downloaded, but not checked here. Compare the SHA-256 with that of',
    brokeOff: (part: string, whole: string) => `The download was interrupted at ${part} of ${whole}.`,
    brokeOffHint: 'Check your network, then download the backup again.',
    otherFile: 'The downloaded file is not this backup: its SHA-256 differs. The file was not saved.',
    otherFileHint: 'Download it again. If it still differs, check the disk where Buoy stores its backups.',
    keepTitle: 'Keep these separately',
    keepWhy:
      'Download backups or copy them to another machine, so that a disk failure does not destroy them. A backup contains the database but not the keys that decrypt it. Keep these separately:',
    keepVault:
      'In DATA_DIR. Without it, no stored password, key or token can be decrypted, and you must enter them all again.',
    keepJwt: 'In DATA_DIR. Without it, Buoy creates a new one.',
    settings: 'Settings',
    keepSettings:
      'Buoy’s environment variables. If they set VAULT_KEYS and JWT_SECRET, these replace the two files.',
    restoreTitle: 'Restore',
    restoreStop: 'Stop Buoy and put these files back into its DATA_DIR.',
    restoreRun: 'In Buoy’s folder, run this with the downloaded file:',
    restoreRunInstalled: 'On Buoy’s machine, run this with the downloaded file:',
    restoreStart: 'Start Buoy and check that your servers are listed.',
    restoreTry:
      'Test a restore on another machine before you need it. Only a restored backup is a proven backup.',
  },
  ru: {
    backups: 'Резервные копии',
    backUp: 'Создать копию',
    backingUp: 'Создаём копию…',
    made: (size: string) => `Копия создана и проверена: ${size}.`,
    madeBadly: 'Копия создана, но проверка не пройдена.',
    running: (time: string) => `Создаём копию, ${time}. Страницу можно закрыть.`,
    kept: (count: number, size: string, age: string) =>
      `Хранится ${plural('ru', count, { one: 'копия', few: 'копии', many: 'копий', other: 'копии' })}, ${size} · новейшая ${age}`,
    loading: 'Загружаем список копий',
    emptyTitle: 'Резервных копий пока нет',
    empty: 'Buoy создаёт копию каждый день. Чтобы создать её сейчас, нажмите кнопку.',
    unverifiedNote:
      'Не проверена: файл создал не этот Buoy, или файл с тех пор изменился. По возможности восстанавливайте из другой копии.',
    notInTelegram: 'Telegram не умеет сохранять файлы. Чтобы скачать копию, откройте Buoy в браузере.',
    verified: 'Проверена',
    notVerified: 'Не проверена',
    copySha: (filename: string) => `Скопировать SHA-256 файла ${filename}`,
    cancel: 'Отмена',
    download: 'Скачать',
    downloadOf: (filename: string) => `Скачать ${filename}`,
    downloading: (filename: string) => `Скачиваем ${filename}`,
    checking: 'Проверяем…',
    received: (part: string, whole: string) => `${part} из ${whole}`,
    matches: 'Скачано; SHA-256 совпадает.',
    unchecked: 'Скачано, но здесь не проверено. Сравните SHA-256 с тем, что покажет',
    brokeOff: (part: string, whole: string) => `Загрузка прервалась: получено ${part} из ${whole}.`,
    brokeOffHint: 'Проверьте сеть и скачайте ещё раз.',
    otherFile: 'Скачанный файл — не эта копия: его SHA-256 отличается. Файл не сохранён.',
    otherFileHint: 'Скачайте ещё раз. Если снова не совпадёт, проверьте диск, на котором Buoy хранит копии.',
    keepTitle: 'Сохраните отдельно и это',
    keepWhy:
      'Скачивайте копии или переносите их на другую машину, чтобы не потерять их вместе с диском. В копии есть база данных, но нет ключей для её расшифровки. Храните их отдельно:',
    keepVault:
      'В DATA_DIR. Без него не расшифровать ни одного сохранённого пароля, ключа и токена: их придётся вводить заново.',
    keepJwt: 'В DATA_DIR. Без него Buoy создаст новый.',
    settings: 'Настройки',
    keepSettings:
      'Переменные окружения Buoy. Если в них заданы VAULT_KEYS и JWT_SECRET, они заменяют эти два файла.',
    restoreTitle: 'Восстановление',
    restoreStop: 'Остановите Buoy и верните эти файлы в его DATA_DIR.',
    restoreRun: 'В папке Buoy выполните со скачанным файлом:',
    restoreRunInstalled: 'На машине с Buoy выполните со скачанным файлом:',
    restoreStart: 'Запустите Buoy и проверьте, что все серверы на месте.',
    restoreTry:
      'Проверьте восстановление на другой машине заранее. Надёжна только копия, из которой удалось восстановить данные.',
  },
  de: {
    backups: 'Sicherungen',
    backUp: 'Jetzt sichern',
    backingUp: 'Wird gesichert …',
    made: (size: string) => `Sicherung erstellt und geprüft: ${size}.`,
    madeBadly: 'Eine Sicherung wurde erstellt, aber die Prüfung ist fehlgeschlagen.',
    running: (time: string) => `Wird gesichert, ${time}. Sie können diese Seite verlassen.`,
    kept: (count: number, size: string, age: string) =>
      `${plural('de', count, { one: 'Sicherung', other: 'Sicherungen' })}, ${size} · die neueste ${age}`,
    loading: 'Sicherungen werden geladen',
    emptyTitle: 'Noch keine Sicherungen',
    empty:
      'Buoy erstellt jeden Tag eine Sicherung. Um jetzt eine zu erstellen, drücken Sie die Schaltfläche.',
    unverifiedNote:
      'Nicht geprüft: Dieses Buoy hat die Datei nicht erstellt, oder sie wurde seither verändert. Stellen Sie wenn möglich aus einer anderen Sicherung wieder her.',
    notInTelegram:
      'Telegram kann keine Dateien speichern. Öffnen Sie Buoy zum Herunterladen in einem Browser.',
    verified: 'Geprüft',
    notVerified: 'Nicht geprüft',
    copySha: (filename: string) => `SHA-256 von ${filename} kopieren`,
    cancel: 'Abbrechen',
    download: 'Herunterladen',
    downloadOf: (filename: string) => `${filename} herunterladen`,
    downloading: (filename: string) => `${filename} wird heruntergeladen`,
    checking: 'Wird geprüft …',
    received: (part: string, whole: string) => `${part} von ${whole}`,
    matches: 'Heruntergeladen; der SHA-256 stimmt überein.',
    unchecked: 'Heruntergeladen, hier aber nicht geprüft. Vergleichen Sie den SHA-256 mit dem von',
    brokeOff: (part: string, whole: string) => `Der Download wurde bei ${part} von ${whole} unterbrochen.`,
    brokeOffHint: 'Prüfen Sie Ihr Netz, und laden Sie noch einmal herunter.',
    otherFile:
      'Die heruntergeladene Datei ist nicht diese Sicherung: Ihr SHA-256 weicht ab. Sie wurde nicht gespeichert.',
    otherFileHint:
      'Laden Sie sie noch einmal herunter. Weicht sie wieder ab, prüfen Sie den Datenträger, auf dem Buoy seine Sicherungen speichert.',
    keepTitle: 'Getrennt aufbewahren',
    keepWhy:
      'Laden Sie Sicherungen herunter oder kopieren Sie sie auf einen anderen Rechner, damit ein Defekt des Datenträgers sie nicht zerstört. Eine Sicherung enthält die Datenbank, aber nicht die Schlüssel, die sie entschlüsseln. Bewahren Sie diese getrennt auf:',
    keepVault:
      'In DATA_DIR. Ohne sie lässt sich kein gespeichertes Passwort, kein Schlüssel und kein Token entschlüsseln: Sie müssen alle neu eingeben.',
    keepJwt: 'In DATA_DIR. Ohne sie legt Buoy eine neue an.',
    settings: 'Einstellungen',
    keepSettings:
      'Die Umgebungsvariablen von Buoy. Sind dort VAULT_KEYS und JWT_SECRET gesetzt, ersetzen sie die beiden Dateien.',
    restoreTitle: 'Wiederherstellen',
    restoreStop: 'Halten Sie Buoy an, und legen Sie diese Dateien zurück in sein DATA_DIR.',
    restoreRun: 'Führen Sie in Buoys Ordner mit der heruntergeladenen Datei aus:',
    restoreRunInstalled: 'Führen Sie auf dem Rechner von Buoy mit der heruntergeladenen Datei aus:',
    restoreStart: 'Starten Sie Buoy, und prüfen Sie, ob Ihre Server aufgelistet sind.',
    restoreTry:
      'Testen Sie die Wiederherstellung rechtzeitig auf einem anderen Rechner. Nur eine wiederhergestellte Sicherung ist verlässlich.',
  },
});
