// UI texts about the files of agents.
import { defineTexts } from '../../i18n/texts.ts';

export const agentFileTexts = defineTexts({
  en: {
    files: 'Files',
    filesHint: 'OpenClaw reads these files at the start of each session of the agent.',
    noFiles: 'No files for this agent',
    missing: 'does not exist yet',
    allFiles: 'All files',
    fileLabel: (name: string) => `Contents of ${name}`,
    loadingFile: 'Loading the file',
    fileMissing: 'This file does not exist yet. Saving creates it.',
    tooLarge: (size: string) => `The file is too large: at most ${size}.`,
    conflictTitle: 'Someone else changed this file while you were editing',
    conflictGone:
      'Someone else deleted this file while you were editing. Saving creates it again with your text.',
    conflictHint:
      'Your text is shown below, with differences from the file on the server marked. Choose a side for each difference or keep editing, then save.',
    mergedLabel: (name: string) => `Your text of ${name}, compared with the file on the server`,
    saveMerged: 'Save this text',
    takeTheirs: 'Use the file on the server',
    keptMine: 'Buoy keeps your text until you close it.',
    bringBack: 'Restore my text',
    forget: 'Discard my text',
  },
  ru: {
    files: 'Файлы',
    filesHint: 'OpenClaw читает эти файлы в начале каждого сеанса агента.',
    noFiles: 'У этого агента нет файлов',
    missing: 'ещё не создан',
    allFiles: 'Все файлы',
    fileLabel: (name: string) => `Содержимое файла ${name}`,
    loadingFile: 'Загружаем файл',
    fileMissing: 'Этого файла ещё нет. Он появится при сохранении.',
    tooLarge: (size: string) => `Файл слишком большой: не больше ${size}.`,
    conflictTitle: 'Пока вы редактировали, этот файл изменил кто-то другой',
    conflictGone:
      'Пока вы редактировали, этот файл удалил кто-то другой. При сохранении он появится снова с вашим текстом.',
    conflictHint:
      'Ниже ваш текст, отличия от файла на сервере отмечены. Выберите вариант для каждого отличия или правьте дальше, затем сохраните.',
    mergedLabel: (name: string) => `Ваш текст файла ${name} в сравнении с файлом на сервере`,
    saveMerged: 'Сохранить этот текст',
    takeTheirs: 'Взять файл с сервера',
    keptMine: 'Buoy хранит ваш текст, пока вы его не закроете.',
    bringBack: 'Вернуть мой текст',
    forget: 'Отбросить мой текст',
  },
  de: {
    files: 'Dateien',
    filesHint: 'OpenClaw liest diese Dateien zu Beginn jeder Sitzung des Agenten.',
    noFiles: 'Keine Dateien für diesen Agenten',
    missing: 'existiert noch nicht',
    allFiles: 'Alle Dateien',
    fileLabel: (name: string) => `Inhalt von ${name}`,
    loadingFile: 'Datei wird geladen',
    fileMissing: 'Diese Datei existiert noch nicht. Beim Speichern wird sie angelegt.',
    tooLarge: (size: string) => `Die Datei ist zu groß: höchstens ${size}.`,
    conflictTitle: 'Während Sie bearbeitet haben, hat jemand anderes diese Datei geändert',
    conflictGone:
      'Während Sie bearbeitet haben, hat jemand anderes diese Datei gelöscht. Beim Speichern entsteht sie mit Ihrem Text neu.',
    conflictHint:
      'Unten steht Ihr Text; Unterschiede zur Datei auf dem Server sind markiert. Wählen Sie für jeden eine Seite oder bearbeiten Sie weiter, und speichern Sie dann.',
    mergedLabel: (name: string) => `Ihr Text von ${name}, verglichen mit der Datei auf dem Server`,
    saveMerged: 'Diesen Text speichern',
    takeTheirs: 'Datei vom Server verwenden',
    keptMine: 'Buoy behält Ihren Text, bis Sie es schließen.',
    bringBack: 'Meinen Text wiederherstellen',
    forget: 'Meinen Text verwerfen',
  },
});
