// The display name shown to others.
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { NameField } from '../../ui/name-field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { displayNameTexts } from './display-name-texts.ts';

export function DisplayName({ current }: { current: string }) {
  const { api, session } = useServices();
  const t = useTexts(displayNameTexts);
  const [draft, setDraft] = useState(current);
  const change = useMutation({
    mutationFn: (displayName: string | null) => api.call('PUT /me', { body: { displayName } }),
    onSuccess: ({ user }) => {
      session.updateUser(user);
      setDraft([user.firstName, user.lastName].filter((part) => part !== null).join(' '));
    },
    meta: { done: true },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(draft.trim());
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-3 text-sm">
      <NameField label={t.name} hint={t.hint} value={draft} onChange={setDraft} />
      {change.error !== null && <ProblemNote problem={change.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={change.isPending}>
          {t.save}
        </Button>
        <Button variant="quiet" disabled={change.isPending} onClick={() => change.mutate(null)}>
          {t.reset}
        </Button>
      </div>
    </form>
  );
}
