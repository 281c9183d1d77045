// The questions before a setup. The page forgets key and password once they are sent.

import type { Server, Task } from '@buoy/contract';
import { taskTypes } from '@buoy/contract/constants';
import { useMutation } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { AdvancedFields } from './advanced-fields.tsx';
import { asksSudoPassword, groupChecks, type Prerequisites } from './check-order.ts';
import { checkTexts } from './check-texts.ts';
import { DownloaderField } from './downloader-field.tsx';
import { ProviderFields } from './provider-fields.tsx';
import { ScriptsPreview } from './scripts-preview.tsx';
import { hasSecrets, type SetupDraft, setupOf, withoutSecrets } from './setup-draft.ts';
import { setupTexts } from './texts.ts';

/** As the API takes it, with spaces around it. */
const BOT_TOKEN_PATTERN = '\\s*[0-9]{3,20}:[A-Za-z0-9_\\-]{20,100}\\s*';

/**
 * @param checks null while the server is being checked
 * @param isRepeated a setup before this one has failed
 * @param onPort called with a port that the server has to be checked for
 */
export function SetupForm({
  server,
  draft,
  checks,
  isRepeated,
  onChange,
  onPort,
  onStarted,
}: {
  server: Server;
  draft: SetupDraft;
  checks: Prerequisites | null;
  isRepeated: boolean;
  onChange: (draft: SetupDraft) => void;
  onPort: (port: number) => void;
  onStarted: (task: Task) => void;
}) {
  const { api } = useServices();
  const t = useTexts(setupTexts);
  /** Sent again after silence, the same form is not a second setup. */
  const decision = useDecisionKey();
  const asksSudo = checks !== null && asksSudoPassword(checks);
  // The server has no way to the downloads, and Buoy has.
  const asksVia = checks?.via === 'buoy';
  const start = useMutation({
    mutationFn: () =>
      startOrJoin(api, taskTypes.setup, () =>
        api.call('POST /servers/:id/setup/run', {
          params: { id: server.id },
          body: setupOf(draft, { sudo: asksSudo, via: asksVia }),
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      onChange(withoutSecrets(draft));
      onStarted(task);
    },
    onError: decision.onError,
  });
  useUnsaved(hasSecrets(draft));
  const edit = (change: Partial<SetupDraft>) => {
    decision.renew();
    onChange({ ...draft, ...change });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    start.mutate();
  };
  const reason = useReason(checks);
  return (
    <form
      onSubmit={submit}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-5"
    >
      <fieldset disabled={start.isPending} className="min-w-0 space-y-5">
        <ProviderFields draft={draft} isKeyDeleted={isRepeated} onChange={edit} />
        <Field label={t.botToken} hint={t.botTokenHint}>
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="new-password"
              pattern={BOT_TOKEN_PATTERN}
              className={controlClass}
              value={draft.botToken}
              onChange={(event) => edit({ botToken: event.target.value })}
            />
          )}
        </Field>
        {asksSudo && (
          <Field label={t.sudoPassword} hint={t.sudoPasswordHint}>
            {(control) => (
              <input
                {...control}
                type="password"
                required
                autoComplete="new-password"
                className={controlClass}
                value={draft.sudoPassword}
                onChange={(event) => edit({ sudoPassword: event.target.value })}
              />
            )}
          </Field>
        )}
        {asksVia && <DownloaderField draft={draft} onChange={edit} />}
        <AdvancedFields draft={draft} onChange={edit} onPort={onPort} />
        <ScriptsPreview {...{ server, draft, asksSudo, asksVia, onStarted }} />
      </fieldset>
      {start.error !== null && <ProblemNote problem={start.error} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton
          text={start.isPending ? t.starting : isRepeated ? t.startAgain : t.start}
          isEnabled={reason === null}
          isBusy={start.isPending}
        />
        {reason !== null && <p className="text-sm text-muted">{reason}</p>}
      </div>
    </form>
  );
}

/** Why a setup cannot start now; null: it can. */
function useReason(checks: Prerequisites | null): string | null {
  const t = useTexts(setupTexts);
  const titles = useTexts(checkTexts);
  if (checks === null) return t.awaitsCheck;
  if (checks.ready) return null;
  return t.blockedBy(
    groupChecks(checks)
      .blocking.map(({ id }) => titles[`check_${id}`])
      .join(', '),
  );
}
