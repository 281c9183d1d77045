// When a job runs: by a cron expression, in an interval, or once.
import type { CronSchedule } from '@buoy/contract';
import { useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { type CronDraft, intervalUnits, localInput, scheduleOf } from './cron-draft.ts';
import { cronFormTexts } from './form-texts.ts';
import type { FieldsProps, SavedJob } from './job-form.tsx';
import { useScheduleWords } from './use-schedule-words.ts';

export function ScheduleFields({
  draft,
  problems,
  onChange,
  before,
}: FieldsProps & { before: SavedJob | null }) {
  const t = useTexts(cronFormTexts);
  const words = useScheduleWords();
  const kinds: Array<{ kind: CronDraft['kind']; label: string }> = [
    { kind: 'cron', label: t.kind_cron },
    { kind: 'every', label: t.kind_every },
    { kind: 'at', label: t.kind_at },
    ...(before?.draft.kind === 'kept'
      ? [{ kind: 'kept' as const, label: t.keptAs(words(before.schedule)) }]
      : []),
  ];
  const name = useId();
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1 text-sm font-medium">{t.schedule}</legend>
      <div className="flex flex-wrap gap-x-5">
        {kinds.map(({ kind, label }) => (
          <label key={kind} className="inline-flex min-h-11 items-center gap-2 text-sm">
            <input
              type="radio"
              name={name}
              checked={draft.kind === kind}
              onChange={() => onChange({ kind })}
              className="size-4.5 accent-accent"
            />
            {label}
          </label>
        ))}
      </div>
      {draft.kind === 'cron' && (
        <CronFields draft={draft} problems={problems} onChange={onChange} words={words} />
      )}
      {draft.kind === 'every' && <IntervalFields draft={draft} problems={problems} onChange={onChange} />}
      {draft.kind === 'at' && (
        <Field
          label={t.at}
          hint={t.atHint(new Intl.DateTimeFormat().resolvedOptions().timeZone)}
          error={problems.at && t[problems.at === 'past' ? 'atPast' : 'atMissing']}
        >
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              min={localInput(new Date())}
              value={draft.at}
              onChange={({ target }) => onChange({ at: target.value })}
              className={controlClass}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
}

function CronFields({
  draft,
  problems,
  onChange,
  words,
}: FieldsProps & { words: (schedule: CronSchedule) => string }) {
  const t = useTexts(cronFormTexts);
  const schedule = scheduleOf(draft);
  const zones = useId();
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field
        label={t.expr}
        hint={
          schedule?.kind === 'cron' && (
            <span aria-live="polite">
              {words({ ...schedule, tz: schedule.tz ?? null })}. {t.exprHint}
            </span>
          )
        }
        error={problems.expr && t.exprFields}
      >
        {(control) => (
          <input
            {...control}
            value={draft.expr}
            maxLength={200}
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            onChange={({ target }) => onChange({ expr: target.value })}
            className={`${controlClass} font-mono`}
          />
        )}
      </Field>
      <Field label={t.tz} hint={t.tzHint}>
        {(control) => (
          <>
            <input
              {...control}
              list={zones}
              value={draft.tz}
              maxLength={64}
              placeholder={t.tzServer}
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              onChange={({ target }) => onChange({ tz: target.value })}
              className={controlClass}
            />
            <datalist id={zones}>
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </div>
  );
}

function IntervalFields({ draft, problems, onChange }: FieldsProps) {
  const t = useTexts(cronFormTexts);
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label={t.count} error={problems.count && t.countWrong}>
        {(control) => (
          <input
            {...control}
            inputMode="numeric"
            value={draft.count}
            maxLength={9}
            onChange={({ target }) => onChange({ count: target.value })}
            className={controlClass}
          />
        )}
      </Field>
      <Field label={t.unit}>
        {(control) => (
          <select
            {...control}
            value={draft.unit}
            onChange={({ target }) => onChange({ unit: target.value as CronDraft['unit'] })}
            className={controlClass}
          >
            {intervalUnits.map((unit) => (
              <option key={unit} value={unit}>
                {t[`unit_${unit}`]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}
