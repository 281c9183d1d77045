// Edits the record of a server: lists the changes, and handles concurrent edits.
import type { Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { formTexts } from './form-texts.ts';
import { jumpHostsFor } from './jump-field.tsx';
import { SeenHostKeyNote } from './seen-host-key.tsx';
import {
  changedFields,
  changeOf,
  draftOf,
  routeFields,
  type ServerDraft,
  sendsToUnknownKey,
} from './server-draft.ts';
import { ServerFields } from './server-fields.tsx';
import {
  connectionTestQuery,
  keepMadeKey,
  type SeenHostKey,
  serverQuery,
  serversQuery,
} from './server-queries.ts';
import { settingsTexts } from './settings-texts.ts';
import { useSeenHostKey } from './use-seen-host-key.ts';

/** `base`: the server as it was when the person began to type. */
type Edit = { base: Server; draft: ServerDraft };

export function EditServer({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(settingsTexts);
  const form = useTexts(formTexts);
  const [edit, setEdit] = useState<Edit | null>(null);
  const { base, draft } = edit ?? { base: server, draft: draftOf(server) };
  const changed = changedFields(base, draft);
  const servers = useQuery(serversQuery(api)).data ?? [];
  const query = serverQuery(api, server.id);
  useUnsaved(changed.length > 0);
  const hostKey = useSeenHostKey(draft);
  const seen = sendsToUnknownKey(base, draft) ? hostKey.seen : null;

  const save = useMutation({
    /** @param saving.on the version that the person has seen */
    mutationFn: async ({ on, seen: shown }: { on: Server; seen: SeenHostKey | null }) => {
      const { server: saved } = await api.call('PUT /servers/:id', {
        params: { id: server.id },
        body: changeOf(base, draft, shown),
        headers: { 'if-match': `"${on.version}"` },
      });
      return saved;
    },
    onSuccess: (saved) => {
      if (draft.way === 'newKey') keepMadeKey(queries, server.id, draft.newKey);
      setEdit(null);
      queries.setQueryData(query.queryKey, saved);
      void queries.invalidateQueries({ queryKey: ['servers'] });
      if (changed.some((field) => routeFields.includes(field)))
        void queries.fetchQuery({ ...connectionTestQuery(api, server.id), staleTime: 0 });
    },
    onError: (error) => {
      if (isStale(error)) void queries.invalidateQueries({ queryKey: query.queryKey });
    },
    meta: { done: true },
  });
  const errors = fieldErrors(save.error);
  const names = (fields: readonly (typeof changed)[number][]) =>
    fields.map((field) => t[`field_${field}`]).join(', ');
  const send = (on: Server) => {
    if (seen !== null || !sendsToUnknownKey(base, draft)) return save.mutate({ on, seen });
    // The key is shown first; only an address that Buoy refuses anyway goes there at once, for its words.
    void hostKey.ask().then((asked) => {
      if (asked?.kind === 'refused') save.mutate({ on, seen: asked });
    });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    send(base);
  };

  return (
    <Panel title={t.record}>
      <form onSubmit={submit} autoComplete="off" className="space-y-5">
        <p className="text-sm text-muted">{t.recordNote}</p>
        <ServerFields
          draft={draft}
          errors={errors}
          jumpHosts={jumpHostsFor(servers, server.id)}
          kept={server.authType}
          onChange={(part) => {
            if (save.isSuccess) save.reset();
            setEdit((current) => {
              const { base: from, draft: before } = current ?? { base: server, draft: draftOf(server) };
              return { base: from, draft: { ...before, ...part } };
            });
          }}
        />
        <SeenHostKeyNote seen={seen} />
        {save.error !== null && !isStale(save.error) && <ProblemNote problem={save.error} />}
        {isStale(save.error) ? (
          <div role="alert" className="rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
            <p className="font-medium">{t.conflictTitle}</p>
            {server.version !== base.version && (
              <p className="mt-1">{t.conflictFields(names(changedFields(base, draftOf(server))))}</p>
            )}
            <p className="mt-1 text-muted">{t.conflictHint}</p>
            <div className="mt-3 flex flex-wrap gap-2">
              <Button variant="primary" disabled={save.isPending} onClick={() => send(server)}>
                {t.saveMine}
              </Button>
              <Button
                onClick={() => {
                  setEdit(null);
                  save.reset();
                }}
              >
                {t.dropMine}
              </Button>
            </div>
          </div>
        ) : (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <SubmitButton
              text={
                save.isPending
                  ? t.saving
                  : hostKey.isAsking
                    ? form.readingKey
                    : seen === null || seen.kind === 'refused'
                      ? t.save
                      : form[`save_${seen.kind}`]
              }
              isEnabled={changed.length > 0}
              isBusy={save.isPending || hostKey.isAsking}
            />
            {changed.length > 0 && <SecondaryButton text={t.discard} onPress={() => setEdit(null)} />}
            <p role="status" className="text-sm text-muted">
              {changed.length > 0
                ? t.willChange(names(changed))
                : save.isSuccess
                  ? t.saved
                  : t.nothingChanged}
            </p>
          </div>
        )}
      </form>
    </Panel>
  );
}

function isStale(error: Error | null): boolean {
  return error instanceof ApiError && error.code === 'stale_version';
}
