// UI texts of the notes on alerts.
import { defineTexts, plural } from '../../i18n/texts.ts';

const enNotes = (count: number) => plural('en', count, { one: 'note', other: 'notes' });
const ruNotes = (count: number) =>
  plural('ru', count, { one: 'заметка', few: 'заметки', many: 'заметок', other: 'заметки' });
const deNotes = (count: number) => plural('de', count, { one: 'Notiz', other: 'Notizen' });

export const noteTexts = defineTexts({
  en: {
    notes: (count: number) => (count === 0 ? 'Add a note' : enNotes(count)),
    notesOf: (count: number, kind: string, server: string) =>
      `${count === 0 ? 'Add a note' : enNotes(count)}: ${kind}, ${server}`,
    loading: 'Loading notes',
    list: 'Notes',
    newNote: 'New note',
    hint: 'Everyone who sees this server can read it.',
    write: 'Add note',
    writing: 'Adding…',
    written: 'Note added.',
    remove: 'Delete',
    deleteNamed: (name: string) => `Delete the note by ${name}`,
    deleteTitle: 'Delete this note?',
    deleteEffect: 'It disappears for everyone. The audit log keeps its text.',
    deleted: 'Note deleted.',
  },
  ru: {
    notes: (count: number) => (count === 0 ? 'Добавить заметку' : ruNotes(count)),
    notesOf: (count: number, kind: string, server: string) =>
      `${count === 0 ? 'Добавить заметку' : ruNotes(count)}: ${kind}, ${server}`,
    loading: 'Загружаем заметки',
    list: 'Заметки',
    newNote: 'Новая заметка',
    hint: 'Её прочитают все, кто видит этот сервер.',
    write: 'Добавить заметку',
    writing: 'Добавляем…',
    written: 'Заметка добавлена.',
    remove: 'Удалить',
    deleteNamed: (name: string) => `Удалить заметку, автор: ${name}`,
    deleteTitle: 'Удалить эту заметку?',
    deleteEffect: 'Она исчезнет для всех. В журнале аудита её текст останется.',
    deleted: 'Заметка удалена.',
  },
  de: {
    notes: (count: number) => (count === 0 ? 'Notiz hinzufügen' : deNotes(count)),
    notesOf: (count: number, kind: string, server: string) =>
      `${count === 0 ? 'Notiz hinzufügen' : deNotes(count)}: ${kind}, ${server}`,
    loading: 'Notizen werden geladen',
    list: 'Notizen',
    newNote: 'Neue Notiz',
    hint: 'Alle, die diesen Server sehen, können sie lesen.',
    write: 'Notiz hinzufügen',
    writing: 'Wird hinzugefügt…',
    written: 'Notiz hinzugefügt.',
    remove: 'Löschen',
    deleteNamed: (name: string) => `Notiz von ${name} löschen`,
    deleteTitle: 'Diese Notiz löschen?',
    deleteEffect: 'Sie verschwindet für alle. Das Audit-Protokoll behält ihren Text.',
    deleted: 'Notiz gelöscht.',
  },
});
