// The page of a person who waits for approval. The app opens by itself once they are approved.
import type { User } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { shellTexts } from '../../shell-texts.ts';
import { Brand } from '../../ui/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { AcceptInvite } from '../access/invite-page.tsx';
import { LanguageSelect } from '../account/language-select.tsx';
import { pendingTexts } from './pending-texts.ts';

/** Milliseconds between two questions whether this person is approved by now. */
const ASK_INTERVAL_MS = 5_000;

export function PendingPage({ user }: { user: User }) {
  const { api, session, telegram } = useServices();
  const queries = useQueryClient();
  const t = useTexts(pendingTexts);
  const menu = useTexts(shellTexts);
  const { data, error } = useQuery({
    queryKey: ['me'],
    queryFn: async ({ signal }) => (await api.call('GET /me', { signal })).user,
    refetchInterval: ASK_INTERVAL_MS,
  });
  useEffect(() => {
    if (data?.approved === true) session.updateUser(data);
  }, [data, session]);
  const name = personName(user);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-5 px-4 py-10">
      <Brand />
      <section className="space-y-4 rounded-lg border border-line bg-surface p-5 sm:p-7">
        <PageHeading title={t.title}>{t.title}</PageHeading>
        <p>{t.signedInAs(name)}</p>
        <p>{t.what}</p>
        <p className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line bg-inset px-3 py-2 text-sm">
          <Copyable value={t.sentence(name, user.id)} label={t.copy} codeClass="break-words min-w-0" />
        </p>
        <p className="text-sm text-muted">{t.opensByItself}</p>
        {error !== null && <ProblemNote problem={error} />}
      </section>
      <section className="space-y-3 rounded-lg border border-line bg-surface p-5 sm:p-7">
        <h2 className="font-semibold">{t.haveInvite}</h2>
        <AcceptInvite onAccepted={() => void queries.invalidateQueries({ queryKey: ['me'] })} />
      </section>
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="max-w-48">
          <LanguageSelect />
        </div>
        {/* Telegram would sign in again at once. */}
        {telegram === null && <Button onClick={() => void session.signOut()}>{menu.signOut}</Button>}
      </div>
    </main>
  );
}
