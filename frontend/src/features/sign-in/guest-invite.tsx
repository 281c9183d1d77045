// An invite opened without a session: shows what it grants, and asks for a name instead of an account.
import { useMutation, useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { NameField } from '../../ui/name-field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { guestTexts } from './guest-texts.ts';

export function GuestInvite({ code }: { code: string }) {
  const { api, session, wantedPage } = useServices();
  const t = useTexts(guestTexts);
  const [name, setName] = useState('');
  /** An answer that was lost on its way must not leave the invite used and nobody in. */
  const decision = useDecisionKey();
  const { data, error } = useQuery({
    queryKey: ['sign-in', 'invite', code],
    queryFn: async ({ signal }) =>
      (await api.call('POST /auth/invite/show', { body: { code }, signal })).invite,
    gcTime: 0,
  });
  const join = useMutation({
    mutationFn: () =>
      api.call('POST /auth/invite', { body: { code, name: name.trim() }, headers: decision.headers() }),
    onSuccess: (answer) => {
      wantedPage.forget();
      // Where they make sure that they can come back.
      navigate('/account/sign-in', { replace: true });
      session.enter(answer);
    },
    onError: decision.onError,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    join.mutate();
  };
  if (error !== null) return <ProblemNote problem={error} />;
  if (data === undefined) return <Skeleton label={t.loading} rows={2} />;
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <p>
        {data.invitedBy === null ? t.invited : <VisibleText text={t.invitedBy(data.invitedBy)} />}{' '}
        <strong>
          <VisibleText text={data.serverName} />
        </strong>{' '}
        {t[`as_${data.role}`]}
      </p>
      <NameField
        label={t.name}
        hint={t.nameHint}
        value={name}
        onChange={(next) => {
          decision.renew();
          setName(next);
        }}
      />
      {join.error !== null && <ProblemNote problem={join.error} />}
      <SubmitButton text={join.isPending ? t.joining : t.join} isBusy={join.isPending} />
    </form>
  );
}
