// The fields of a job, for new and existing ones.
import type { CronSchedule, Server } from '@buoy/contract';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { AgentField } from './agent-field.tsx';
import { type CronDraft, type DraftProblems, problemsOf } from './cron-draft.ts';
import { DeliveryFields } from './delivery-fields.tsx';
import { cronFormTexts } from './form-texts.ts';
import { ScheduleFields } from './schedule-fields.tsx';

/** A job that is there, as it was when its form was opened. */
export type SavedJob = { draft: CronDraft; schedule: CronSchedule; sessionTarget: string };

/** What the groups of fields share. */
export type FieldsProps = {
  draft: CronDraft;
  problems: DraftProblems;
  onChange: (change: Partial<CronDraft>) => void;
};

/** @param before null for a new job */
export function JobForm({
  server,
  title,
  action,
  draft,
  before,
  onChange,
  isBusy,
  problem,
  onSubmit,
  backPath,
}: {
  server: Server;
  title: string;
  action: string;
  draft: CronDraft;
  before: SavedJob | null;
  onChange: (change: Partial<CronDraft>) => void;
  isBusy: boolean;
  problem: Error | null;
  onSubmit: () => void;
  backPath: string;
}) {
  const t = useTexts(cronFormTexts);
  /** Validation errors are shown only after the first submit. */
  const [hasTried, setTried] = useState(false);
  const problems = hasTried ? problemsOf(draft, Date.now()) : {};
  const fields: FieldsProps = { draft, problems, onChange };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const form = event.currentTarget;
    if (Object.keys(problemsOf(draft, Date.now())).length === 0) onSubmit();
    // After the render that marks what is wrong.
    else setTimeout(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return (
    <Panel title={title}>
      <form noValidate onSubmit={submit} className="max-w-2xl space-y-5">
        <Field label={t.name} error={problems.name && t.nameMissing}>
          {(control) => (
            <input
              {...control}
              value={draft.name}
              maxLength={200}
              onChange={({ target }) => onChange({ name: target.value })}
              className={controlClass}
            />
          )}
        </Field>
        <ScheduleFields {...fields} before={before} />
        <AgentField server={server} draft={draft} before={before} onChange={onChange} />
        <Field label={t.message} hint={t.messageHint} error={problems.message && t.messageMissing}>
          {(control) => (
            <textarea
              {...control}
              rows={5}
              maxLength={20_000}
              value={draft.message}
              onChange={({ target }) => onChange({ message: target.value })}
              className={controlClass}
            />
          )}
        </Field>
        <Field label={t.session} hint={t[`sessionHint_${draft.sessionTarget}`]}>
          {(control) => (
            <select
              {...control}
              value={draft.sessionTarget}
              onChange={({ target }) =>
                onChange({ sessionTarget: target.value as CronDraft['sessionTarget'] })
              }
              className={controlClass}
            >
              <option value="isolated">{t.session_isolated}</option>
              <option value="main">{t.session_main}</option>
              {before?.draft.sessionTarget === 'kept' && (
                <option value="kept">{t.keptAs(before.sessionTarget)}</option>
              )}
            </select>
          )}
        </Field>
        <DeliveryFields {...fields} />
        {problem !== null && <ProblemNote problem={problem} />}
        <div className="flex flex-wrap gap-2">
          <SubmitButton text={action} isBusy={isBusy} />
          <a {...linkTo(backPath)} className={buttonClass()}>
            {t.cancel}
          </a>
        </div>
      </form>
    </Panel>
  );
}
