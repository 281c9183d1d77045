// What a session is called, which model answers in it, and where it stands in the list.
import type { OpenclawSession, Server, SessionChange } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { Toggle } from '../../ui/toggle.tsx';
import { ModelInput } from '../agents/model-input.tsx';
import { actionTexts } from './action-texts.ts';
import { sessionName } from './session-name.ts';

/** @param onChanged is given the session as it is after saving */
export function SessionSettings({
  server,
  session,
  onChanged,
  onClose,
}: {
  server: Server;
  session: OpenclawSession;
  onChanged: (session: OpenclawSession) => void;
  onClose: () => void;
}) {
  const { api } = useServices();
  const t = useTexts(actionTexts);
  const { cancel } = useTexts(uiTexts);
  const [label, setLabel] = useState(session.label ?? '');
  const [model, setModel] = useState(session.model ?? '');
  const [thinking, setThinking] = useState(session.thinking ?? '');
  const [isPinned, setPinned] = useState(session.pinned === true);
  const [isArchived, setArchived] = useState(session.archived === true);
  const save = useMutation({
    mutationFn: async () => {
      const change: SessionChange = {
        ...(label.trim() === (session.label ?? '') ? {} : { label: label.trim() || null }),
        ...(model === (session.model ?? '') ? {} : { model: model || null }),
        ...(thinking === (session.thinking ?? '') ? {} : { thinking: thinking || null }),
        ...(isPinned === (session.pinned === true) ? {} : { pinned: isPinned }),
        ...(isArchived === (session.archived === true) ? {} : { archived: isArchived }),
      };
      if (Object.keys(change).length === 0) return session;
      const answer = await api.call('PUT /servers/:id/openclaw/sessions/:key', {
        params: { id: server.id, key: session.key },
        body: change,
      });
      return answer.session;
    },
    onSuccess: onChanged,
    meta: { done: true },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={sessionName(session)} onClose={onClose}>
      <form onSubmit={submit} className="mt-4 space-y-4">
        <Field label={t.label} hint={t.labelHint}>
          {(control) => (
            <input
              {...control}
              type="text"
              autoComplete="off"
              maxLength={512}
              className={controlClass}
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.model}>
          {(control) => (
            <ModelInput
              {...control}
              server={server}
              unset={t.modelOfAgent}
              value={model}
              onChange={setModel}
            />
          )}
        </Field>
        <Field label={t.thinking} hint={session.thinkingLevels.length === 0 ? t.thinkingUnknown : undefined}>
          {(control) => (
            <Select
              {...control}
              value={thinking}
              onChange={setThinking}
              options={[
                { value: '', title: t.thinkingDefault },
                ...session.thinkingLevels.map((level) => ({ value: level, title: level })),
              ]}
            />
          )}
        </Field>
        <Toggle label={t.isPinned} hint={t.isPinnedHint} checked={isPinned} onChange={setPinned} />
        {!session.isMain && (
          <Toggle label={t.isArchived} hint={t.isArchivedHint} checked={isArchived} onChange={setArchived} />
        )}
        {save.error !== null && <ProblemNote problem={save.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{cancel}</Button>
          <Button type="submit" variant="primary" disabled={save.isPending}>
            {save.isPending ? t.saving : t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
