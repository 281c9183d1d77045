// Notes on an alert: what people wrote about it, a field for another one, and a button to delete.
import type { Alert, AlertNote, Server } from '@buoy/contract';
import { MAX_ALERT_NOTE } from '@buoy/contract/constants';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useUnsavedOnClose } from '../../ui/use-unsaved.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { useUser } from '../sign-in/use-user.ts';
import { ALERTS, notesQuery } from './alert-queries.ts';
import { noteTexts } from './note-texts.ts';

/** @param kind what the alert is called, for the names of its controls */
export function AlertNotes({ alert, server, kind }: { alert: Alert; server: Server; kind: string }) {
  const t = useTexts(noteTexts);
  const [isOpen, setOpen] = useState(false);
  const mayWrite = server.role !== 'viewer';
  if (alert.noteCount === 0 && !mayWrite) return null;
  return (
    <details className="mt-1 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary
        className="min-h-11 content-center text-muted"
        aria-label={t.notesOf(alert.noteCount, kind, server.name)}
      >
        {t.notes(alert.noteCount)}
      </summary>
      {isOpen && (
        <div className="space-y-3 pb-1">
          <Notes alert={alert} server={server} />
          {mayWrite && <NewNote alert={alert} />}
        </div>
      )}
    </details>
  );
}

function Notes({ alert, server }: { alert: Alert; server: Server }) {
  const { api } = useServices();
  const t = useTexts(noteTexts);
  const { data, error } = useQuery(notesQuery(api, alert));
  if (error !== null) return <ProblemNote problem={error} />;
  if (data === undefined) return <Skeleton label={t.loading} rows={1} />;
  if (data.notes.length === 0) return null;
  return (
    <ul aria-label={t.list} className="space-y-2">
      {data.notes.map((note) => (
        <NoteItem key={note.id} {...{ alert, server, note }} />
      ))}
    </ul>
  );
}

function NoteItem({ alert, server, note }: { alert: Alert; server: Server; note: AlertNote }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(noteTexts);
  const formats = useFormats();
  const now = useNow();
  const me = useUser();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /alerts/:id/notes/:noteId', { params: { id: alert.id, noteId: note.id } }),
    onSuccess: () => setAsking(false),
    onSettled: () => queries.invalidateQueries({ queryKey: [ALERTS] }),
    meta: { done: t.deleted },
  });
  const mayDelete = server.role === 'owner' || (server.role !== 'viewer' && note.by.userId === me?.id);
  return (
    <li className="rounded-md border border-line bg-inset px-3 py-2">
      <p dir="auto" className="wrap-anywhere whitespace-pre-wrap">
        <VisibleText text={note.text} />
      </p>
      <div className="mt-1 flex flex-wrap items-center justify-between gap-x-3 text-muted">
        <span>
          <VisibleText text={note.by.name} kind="name" /> · {formats.age(note.createdAt, now)}
        </span>
        {mayDelete && (
          <Button
            variant="quiet"
            aria-label={t.deleteNamed(note.by.name)}
            onClick={() => {
              remove.reset();
              setAsking(true);
            }}
          >
            {t.remove}
          </Button>
        )}
      </div>
      {isAsking && (
        <Confirm
          title={t.deleteTitle}
          action={t.remove}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.deleteEffect}</p>
        </Confirm>
      )}
    </li>
  );
}

function NewNote({ alert }: { alert: Alert }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(noteTexts);
  const [text, setText] = useState('');
  const decision = useDecisionKey();
  useUnsavedOnClose(text !== '');
  const write = useMutation({
    mutationFn: () =>
      api.call('POST /alerts/:id/notes', {
        params: { id: alert.id },
        body: { text: text.trim() },
        headers: decision.headers(),
      }),
    onSuccess: () => {
      setText('');
      decision.renew();
    },
    onError: decision.onError,
    onSettled: () => queries.invalidateQueries({ queryKey: [ALERTS] }),
    meta: { done: t.written },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate();
  };
  return (
    <form className="space-y-2" onSubmit={submit}>
      {write.error !== null && <ProblemNote problem={write.error} />}
      <Field label={t.newNote} hint={t.hint}>
        {(control) => (
          <textarea
            {...control}
            className={controlClass}
            dir="auto"
            rows={2}
            maxLength={MAX_ALERT_NOTE}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              decision.renew();
            }}
          />
        )}
      </Field>
      <Button type="submit" disabled={text.trim() === '' || write.isPending}>
        {write.isPending ? t.writing : t.write}
      </Button>
    </form>
  );
}
