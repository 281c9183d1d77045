// Invites a person without a server: creates an account and shows its sign-in link once.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { NameField } from '../../ui/name-field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { inviteTexts } from './invite-texts.ts';

export function InvitePerson() {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(inviteTexts);
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  /** After silence the same link is shown, not a second account made. */
  const decision = useDecisionKey();
  const invite = useMutation({
    mutationFn: () => api.call('POST /admin/users', { body: { name }, headers: decision.headers() }),
    onSuccess: decision.renew,
    onError: decision.onError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['admin', 'users'] }),
    meta: { done: true },
    // The link is a secret: it goes with the page.
    gcTime: 0,
  });
  const close = () => {
    invite.reset();
    setName('');
    setOpen(false);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.data?.signInUrl != null)
    return (
      <ShownOnce
        title={t.made(invite.data.user.firstName ?? name)}
        note={t.linkOnce}
        value={invite.data.signInUrl}
        copyLabel={t.copyLink}
        doneLabel={t.done}
        onDone={close}
      />
    );
  if (!isOpen) return <Button onClick={() => setOpen(true)}>{t.invite}</Button>;
  return (
    <form
      onSubmit={submit}
      autoComplete="off"
      className="space-y-3 rounded-lg border border-line bg-surface p-4 text-sm"
    >
      <p className="text-muted">{t.what}</p>
      <NameField
        label={t.name}
        value={name}
        onChange={(text) => {
          setName(text);
          decision.renew();
        }}
      />
      {invite.error !== null && <ProblemNote problem={invite.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={invite.isPending}>
          {t.makeLink}
        </Button>
        <Button variant="quiet" onClick={close}>
          {t.cancel}
        </Button>
      </div>
    </form>
  );
}
