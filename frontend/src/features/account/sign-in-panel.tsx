// Ways to sign in again: passkeys and a backup link.
import type { Passkey } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { NameField } from '../../ui/name-field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { PasskeyProblem } from '../sign-in/passkey-problem.tsx';
import { hasPasskeys, makePasskey } from '../sign-in/passkey-prompt.ts';
import { passkeyTexts } from '../sign-in/passkey-texts.ts';
import { waysQuery } from '../sign-in/ways-query.ts';
import { passkeysQuery, signInLinkQuery } from './account-queries.ts';

export function SignInPanel() {
  const t = useTexts(passkeyTexts);
  return (
    <>
      <Panel title={t.passkeys}>
        <Passkeys />
      </Panel>
      <Panel title={t.link}>
        <KeptLink />
      </Panel>
    </>
  );
}

function Passkeys() {
  const { api } = useServices();
  const t = useTexts(passkeyTexts);
  const { data: ways } = useQuery(waysQuery(api));
  const { data, error } = useQuery(passkeysQuery(api));
  const [unwanted, setUnwanted] = useState<Passkey | null>(null);
  return (
    <div className="space-y-4 text-sm">
      <p className="text-muted">{t.what}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={1} />}
      {data?.length === 0 && <p>{t.none}</p>}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t.passkeys} className="divide-y divide-line">
          {data.map((one) => (
            <PasskeyRow key={one.id} passkey={one} onRemove={() => setUnwanted(one)} />
          ))}
        </ul>
      )}
      {ways?.passkey === true && hasPasskeys() && <NewPasskey />}
      {ways?.passkey === false && <p className="text-muted">{t.notHere}</p>}
      {ways?.passkey === true && !hasPasskeys() && <p className="text-muted">{t.notInBrowser}</p>}
      {unwanted !== null && <Remove passkey={unwanted} onClose={() => setUnwanted(null)} />}
    </div>
  );
}

function useRefreshed() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['account', 'passkeys'] });
}

function PasskeyRow({ passkey, onRemove }: { passkey: Passkey; onRemove: () => void }) {
  const { api } = useServices();
  const t = useTexts(passkeyTexts);
  const formats = useFormats();
  const now = useNow();
  const { id, name, domain, lastUsedAt } = passkey;
  const [draft, setDraft] = useState<string | null>(null);
  const refreshed = useRefreshed();
  const rename = useMutation({
    mutationFn: (wanted: string) =>
      api.call('PUT /me/passkeys/:id', { params: { id }, body: { name: wanted } }),
    onSuccess: () => setDraft(null),
    onSettled: refreshed,
    meta: { done: true },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    rename.mutate((draft ?? '').trim());
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      {draft === null ? (
        <>
          <div className="min-w-0">
            <p className="font-medium">
              <VisibleText text={name} />
            </p>
            <p className="mt-0.5 text-xs text-muted">
              {t.forDomain(domain)} ·{' '}
              {lastUsedAt === null ? t.neverUsed : t.lastUsed(formats.age(lastUsedAt, now))}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button aria-label={t.renameOf(name)} onClick={() => setDraft(name)}>
              {t.rename}
            </Button>
            <Button variant="danger" aria-label={t.removeOf(name)} onClick={onRemove}>
              {t.remove}
            </Button>
          </div>
        </>
      ) : (
        <form onSubmit={submit} autoComplete="off" className="flex flex-wrap items-end gap-2">
          <NameField label={t.name} value={draft} onChange={setDraft} />
          <Button type="submit" variant="primary" disabled={rename.isPending}>
            {t.save}
          </Button>
          {rename.error !== null && <ProblemNote problem={rename.error} />}
        </form>
      )}
    </li>
  );
}

function NewPasskey() {
  const { api } = useServices();
  const t = useTexts(passkeyTexts);
  const [name, setName] = useState('');
  const refreshed = useRefreshed();
  const add = useMutation({
    mutationFn: async () => {
      const { options } = await api.call('POST /me/passkeys/options');
      const credential = await makePasskey(options);
      return api.call('POST /me/passkeys', { body: { name: name.trim(), credential } });
    },
    onSuccess: () => setName(''),
    onSettled: refreshed,
    meta: { done: t.added },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-3">
      <NameField label={t.name} hint={t.nameHint} value={name} onChange={setName} />
      {add.error !== null && <PasskeyProblem problem={add.error} />}
      <Button type="submit" variant="primary" disabled={add.isPending}>
        {add.isPending ? t.adding : t.add}
      </Button>
    </form>
  );
}

function Remove({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const { api } = useServices();
  const t = useTexts(passkeyTexts);
  const refreshed = useRefreshed();
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /me/passkeys/:id', { params: { id: passkey.id } }),
    onSuccess: onClose,
    onSettled: refreshed,
    meta: { done: t.removed },
  });
  return (
    <Confirm
      title={t.removeTitle(passkey.name)}
      action={t.remove}
      isDestructive
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t.removeWhat}</p>
    </Confirm>
  );
}

function KeptLink() {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(passkeyTexts);
  const formats = useFormats();
  const { data, error } = useQuery(signInLinkQuery(api));
  const refreshed = () => queries.invalidateQueries({ queryKey: ['account', 'sign-in-link'] });
  const make = useMutation({
    mutationFn: () => api.call('POST /me/sign-in-link'),
    onSettled: refreshed,
    meta: { done: true },
    // The link goes with the page.
    gcTime: 0,
  });
  const annul = useMutation({
    mutationFn: () => api.call('DELETE /me/sign-in-link'),
    onSettled: refreshed,
    meta: { done: t.voided },
  });
  if (make.data !== undefined)
    return (
      <ShownOnce
        title={t.linkMade}
        note={t.linkOnce}
        value={make.data.signInUrl}
        copyLabel={t.copyLink}
        doneLabel={t.done}
        onDone={make.reset}
      />
    );
  const problem = make.error ?? annul.error ?? error;
  return (
    <div className="space-y-3 text-sm">
      <p className="text-muted">{t.linkWhat}</p>
      {data != null && <p>{t.linkKept(formats.moment(data.expiresAt))}</p>}
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={make.isPending} onClick={() => make.mutate()}>
          {t.makeLink}
        </Button>
        {data != null && (
          <Button variant="danger" disabled={annul.isPending} onClick={() => annul.mutate()}>
            {t.voidLink}
          </Button>
        )}
      </div>
    </div>
  );
}
