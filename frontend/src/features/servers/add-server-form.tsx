// The form for a new server: ssh command, login method, and the result of the connection test.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { fieldErrors } from '../../ui/field-errors.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { formTexts } from './form-texts.ts';
import { jumpHostsFor } from './jump-field.tsx';
import { SeenHostKeyNote } from './seen-host-key.tsx';
import { emptyDraft, newServerOf, type ServerDraft, withSshCommand } from './server-draft.ts';
import { ServerFields } from './server-fields.tsx';
import { connectionTestQuery, keepMadeKey, type SeenHostKey, serversQuery } from './server-queries.ts';
import { SshCommandField } from './ssh-command-field.tsx';
import { useSeenHostKey } from './use-seen-host-key.ts';

type Saved = { saved: ServerDraft; seen: SeenHostKey };

export function AddServerForm() {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(formTexts);
  const [draft, setDraft] = useState<ServerDraft>(emptyDraft);
  /** Sent again after silence, the same form is not a second server. */
  const decision = useDecisionKey();
  const edit = (next: (current: ServerDraft) => ServerDraft) => {
    decision.renew();
    setDraft(next);
  };
  const servers = useQuery(serversQuery(api)).data ?? [];
  const hostKey = useSeenHostKey(draft);

  const save = useMutation({
    mutationFn: ({ saved, seen }: Saved) =>
      api.call('POST /servers', {
        body: newServerOf(saved, seen),
        headers: decision.headers(),
      }),
    onError: decision.onError,
    meta: { done: true },
    onSuccess: ({ server }, { saved }) => {
      if (saved.way === 'newKey') keepMadeKey(queries, server.id, saved.newKey);
      // The server's page shows the result of the test, and its progress until then.
      void queries
        .prefetchQuery(connectionTestQuery(api, server.id))
        .then(() => queries.invalidateQueries({ queryKey: ['server', server.id] }));
      void queries.invalidateQueries({ queryKey: ['servers'] });
      navigate(`/servers/${server.id}`, { replace: true });
    },
  });
  useUnsaved(!save.isSuccess && [draft.host, draft.password, draft.privateKey].some((text) => text !== ''));
  const hasNoKey = draft.way === 'newKey' && draft.newKey === null;

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (hostKey.seen !== null) return save.mutate({ saved: draft, seen: hostKey.seen });
    // The key is shown first; only an address that Buoy refuses anyway goes there at once, for its words.
    void hostKey.ask().then((seen) => {
      if (seen?.kind === 'refused') save.mutate({ saved: draft, seen });
    });
  };

  return (
    <form
      onSubmit={submit}
      onBlur={() => void hostKey.ask()}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-6"
    >
      <SshCommandField
        value={draft.command}
        onChange={(command) => edit((current) => withSshCommand(current, command))}
      />
      <ServerFields
        draft={draft}
        errors={fieldErrors(save.error)}
        jumpHosts={jumpHostsFor(servers, null)}
        kept={null}
        onChange={(part) => edit((current) => ({ ...current, ...part }))}
      />
      <SeenHostKeyNote seen={hostKey.seen} />
      {save.error !== null && <ProblemNote problem={save.error} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton
          text={
            save.isPending
              ? t.saving
              : hostKey.isAsking
                ? t.readingKey
                : t[`save_${hostKey.seen?.kind ?? 'refused'}`]
          }
          isEnabled={!hasNoKey}
          isBusy={save.isPending || hostKey.isAsking}
        />
        <p className="text-sm text-muted">{hasNoKey ? t.keyNeeded : t.secretsNote}</p>
      </div>
    </form>
  );
}
