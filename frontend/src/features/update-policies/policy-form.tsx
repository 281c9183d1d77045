// The fields of an update policy, for a new and an existing one.
import type { ReactNode, SubmitEvent } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import type { PolicyDraft } from './policy-draft.ts';
import { policyTexts } from './texts.ts';
import { WindowFields } from './window-fields.tsx';

/**
 * @param tagField for a policy that has no tag yet
 * @param aside beside the button that saves
 */
export function PolicyForm({
  draft,
  onChange,
  isBusy,
  isComplete,
  problem,
  onSubmit,
  tagField,
  aside,
}: {
  draft: PolicyDraft;
  onChange: (change: Partial<PolicyDraft>) => void;
  isBusy: boolean;
  isComplete: boolean;
  problem: Error | null;
  onSubmit: () => void;
  tagField?: ReactNode;
  aside?: ReactNode;
}) {
  const t = useTexts(policyTexts);
  const errors = fieldErrors(problem);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form
      onSubmit={submit}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-5"
    >
      <fieldset disabled={isBusy} className="min-w-0 space-y-5">
        {tagField}
        <div className="max-w-sm">
          <Field label={t.pinned} hint={t.pinnedHint} error={errors.pinned}>
            {(control) => (
              <TextInput
                {...control}
                pattern="\s*\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.\-]{1,64})?\s*"
                value={draft.pinned}
                onChange={(pinned) => onChange({ pinned })}
              />
            )}
          </Field>
        </div>
        <Toggle
          label={t.useWindow}
          hint={t.useWindowHint}
          checked={draft.hasWindow}
          disabled={isBusy}
          onChange={(hasWindow) => onChange({ hasWindow })}
        />
        {draft.hasWindow && <WindowFields draft={draft} error={errors.window} onChange={onChange} />}
      </fieldset>
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap items-center gap-2">
        <SubmitButton text={isBusy ? t.saving : t.save} isEnabled={isComplete} isBusy={isBusy} />
        {aside}
      </div>
    </form>
  );
}
