// What a person decides about a new rollout: servers, version and options.
import type { Server } from '@buoy/contract';
import type { SubmitEvent } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import type { RolloutDraft } from './rollout-draft.ts';
import { RolloutOptions } from './rollout-options.tsx';
import { ServerChoice } from './server-choice.tsx';
import { rolloutTexts } from './texts.ts';

/** @param servers those that the person may update, in the order of the list */
export function RolloutForm({
  servers,
  draft,
  onChange,
  isBusy,
  problem,
  onSubmit,
}: {
  servers: readonly Server[];
  draft: RolloutDraft;
  onChange: (draft: RolloutDraft) => void;
  isBusy: boolean;
  problem: Error | null;
  onSubmit: (draft: RolloutDraft) => void;
}) {
  const t = useTexts(rolloutTexts);
  const errors = fieldErrors(problem);
  // Without those that were removed, or lost, since they were chosen.
  const serverIds = servers.map(({ id }) => id).filter((id) => draft.serverIds.includes(id));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit({ ...draft, serverIds });
  };
  return (
    <form
      onSubmit={submit}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-5"
    >
      <fieldset disabled={isBusy} className="min-w-0 space-y-5">
        <ServerChoice
          servers={servers}
          chosen={serverIds}
          error={errors.serverIds}
          onChange={(next) => onChange({ ...draft, serverIds: next })}
        />
        <div className="max-w-sm">
          <Field label={t.version} hint={t.versionHint} error={errors.version}>
            {(control) => (
              <TextInput
                {...control}
                required
                pattern="\s*(latest|\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.\-]{1,64})?)\s*"
                value={draft.version}
                onChange={(version) => onChange({ ...draft, version })}
              />
            )}
          </Field>
        </div>
        <RolloutOptions draft={draft} errors={errors} onChange={onChange} />
      </fieldset>
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton
          text={isBusy ? t.planning : t.showPlan}
          isEnabled={serverIds.length > 0}
          isBusy={isBusy}
        />
        {serverIds.length === 0 && <p className="text-sm text-muted">{t.noneSelected}</p>}
      </div>
    </form>
  );
}
