// What people write about an alert, for the others who see it.
import type { AlertNote } from '@buoy/contract';
import type { Access } from '../access/access.ts';
import type { AuditRecorder, Note } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Caller } from '../users/caller.ts';
import { nameOf } from '../users/user.presenter.ts';
import type { AlertNoteRow, AlertNoteStore } from './alert-notes.store.ts';
import type { AlertRow } from './alerts.store.ts';

/** Notes of one alert. */
const MAX_NOTES = 50;

export type AlertNotes = ReturnType<typeof createAlertNotes>;

export function createAlertNotes({
  store,
  findAlert,
  access,
  clock,
}: {
  store: AlertNoteStore;
  findAlert: (id: string) => Promise<AlertRow | undefined>;
  access: Access;
  clock: Clock;
}) {
  const existing = async (alertId: string): Promise<AlertRow> => {
    const alert = await findAlert(alertId);
    if (alert === undefined) throw new AppError('not_found', 'There is no such alert.');
    return alert;
  };

  return {
    /** Oldest first. Throws `not_found`. */
    async list(
      alertId: string,
      page: { limit: number; cursor?: string | undefined },
    ): Promise<{ notes: AlertNote[]; nextCursor: string | null }> {
      await existing(alertId);
      const { notes, nextCursor } = await store.list(alertId, page);
      return { notes: notes.map(presentNote), nextCursor };
    },

    /** Throws `not_found`, `conflict` when the alert has as many as it takes. */
    async add(caller: Caller, alertId: string, text: string, audit?: AuditRecorder): Promise<AlertNote> {
      const alert = await existing(alertId);
      const { user } = caller;
      const note = { id: newId('anm'), alertId, userId: user.id, text, createdAt: isoTime(clock.now()) };
      if (!(await store.add(note, MAX_NOTES, audit?.change(noteOf(alert, note.id))))) {
        await existing(alertId);
        throw new AppError('conflict', `This alert has ${MAX_NOTES} notes, and takes no more.`, {
          hint: 'Delete one that is out of date.',
        });
      }
      return { id: note.id, text, by: { userId: user.id, name: nameOf(user) }, createdAt: note.createdAt };
    },

    /** Removes a note of the caller, and any for an owner. Throws `not_found`, `forbidden`. */
    async remove(caller: Caller, alertId: string, id: string, audit?: AuditRecorder): Promise<void> {
      const alert = await existing(alertId);
      const note = await store.find(alertId, id);
      if (note === undefined) throw noSuchNote();
      const isOwn = note.userId === caller.user.id;
      if (!isOwn && (await access.roleOf(caller.user, alert.serverId)) !== 'owner')
        throw new AppError('forbidden', 'Only its writer or an owner of the server can delete a note.');
      if (!(await store.remove(alertId, id, audit?.change(noteOf(alert, id))))) throw noSuchNote();
    },
  };
}

function presentNote({ id, text, userId, createdAt, writer }: AlertNoteRow): AlertNote {
  return { id, text, by: { userId, name: writer === null ? userId : nameOf(writer) }, createdAt };
}

/** For the audit log, which has the text of a note as it was sent, also after it is deleted. */
function noteOf({ id, type, subject }: AlertRow, noteId: string): Note {
  return { target: subject === '' ? type : `${type} ${subject}`, details: { alert: id, note: noteId } };
}

function noSuchNote(): AppError {
  return new AppError('not_found', 'There is no such note.');
}
