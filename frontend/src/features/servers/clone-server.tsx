// A new server like this one, on another address.
import type { Server } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo, navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { formTexts } from './form-texts.ts';
import { jumpHostsFor } from './jump-field.tsx';
import { SeenHostKeyNote } from './seen-host-key.tsx';
import { cloneOf, draftOf, hasNoWay, type ServerDraft, withSshCommand } from './server-draft.ts';
import { ServerFields } from './server-fields.tsx';
import { connectionTestQuery, keepMadeKey, type SeenHostKey, serversQuery } from './server-queries.ts';
import { settingsTexts } from './settings-texts.ts';
import { SshCommandField } from './ssh-command-field.tsx';
import { useSeenHostKey } from './use-seen-host-key.ts';

type Saved = { saved: ServerDraft; seen: SeenHostKey };

export function CloneServer({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(settingsTexts);
  const form = useTexts(formTexts);
  const [draft, setDraft] = useState<ServerDraft>(() => ({
    ...draftOf(server),
    name: '',
    isNameTyped: false,
    host: '',
    way: 'newKey',
  }));
  /** Sent again after silence, the same form is not a second server. */
  const decision = useDecisionKey();
  const edit = (next: (current: ServerDraft) => ServerDraft) => {
    decision.renew();
    setDraft(next);
  };
  const servers = useQuery(serversQuery(api)).data ?? [];
  const hostKey = useSeenHostKey(draft);
  const hasNoKey = draft.way === 'newKey' && draft.newKey === null;
  // Without a way there is no host key to show, and the clone would trust the first one that it sees later.
  const needsWay = hasNoWay(draft);
  const clone = useMutation({
    mutationFn: ({ saved, seen }: Saved) =>
      api.call('POST /servers/:id/clone', {
        params: { id: server.id },
        body: cloneOf(saved, seen),
        headers: decision.headers(),
      }),
    onError: decision.onError,
    meta: { done: true },
    onSuccess: ({ server: made }, { saved }) => {
      if (saved.way === 'newKey') keepMadeKey(queries, made.id, saved.newKey);
      void queries
        .prefetchQuery(connectionTestQuery(api, made.id))
        .then(() => queries.invalidateQueries({ queryKey: ['server', made.id] }));
      void queries.invalidateQueries({ queryKey: ['servers'] });
      navigate(serverPath(made.id), { replace: true });
    },
  });
  useUnsaved(!clone.isSuccess && draft.host !== '');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (hostKey.seen !== null) return clone.mutate({ saved: draft, seen: hostKey.seen });
    void hostKey.ask().then((seen) => {
      if (seen?.kind === 'refused') clone.mutate({ saved: draft, seen });
    });
  };
  return (
    <>
      <a {...linkTo(serverPath(server.id, 'settings'))} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.backToSettings}
      </a>
      <Panel title={t.cloneTitle(server.name)}>
        <form onSubmit={submit} onBlur={() => void hostKey.ask()} autoComplete="off" className="space-y-5">
          <p className="text-sm text-muted">
            {t.cloneNote} {t.cloneSecret}
          </p>
          <SshCommandField
            value={draft.command}
            onChange={(command) => edit((current) => withSshCommand(current, command))}
          />
          <ServerFields
            draft={draft}
            errors={fieldErrors(clone.error)}
            jumpHosts={jumpHostsFor(servers, null)}
            kept={null}
            onChange={(part) => edit((current) => ({ ...current, ...part }))}
          />
          <SeenHostKeyNote seen={hostKey.seen} />
          {clone.error !== null && <ProblemNote problem={clone.error} />}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <SubmitButton
              text={
                clone.isPending
                  ? t.cloning
                  : hostKey.isAsking
                    ? form.readingKey
                    : hostKey.seen === null || hostKey.seen.kind === 'refused'
                      ? t.cloneNow
                      : form[`save_${hostKey.seen.kind}`]
              }
              isEnabled={!hasNoKey && !needsWay}
              isBusy={clone.isPending || hostKey.isAsking}
            />
            {needsWay && <p className="text-sm text-muted">{t.cloneNeedsWay}</p>}
          </div>
        </form>
      </Panel>
    </>
  );
}
