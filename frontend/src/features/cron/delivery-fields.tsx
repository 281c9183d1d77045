// Where the answer of a run goes.
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import type { CronDraft } from './cron-draft.ts';
import { cronFormTexts } from './form-texts.ts';
import type { FieldsProps } from './job-form.tsx';

const modes = ['none', 'announce', 'webhook'] as const satisfies CronDraft['delivery'][];

export function DeliveryFields({ draft, problems, onChange }: FieldsProps) {
  const t = useTexts(cronFormTexts);
  const text = (field: 'channel' | 'to', label: string, hint: string) => (
    <Field label={label} hint={hint} error={field === 'to' && problems.to ? t.urlWrong : undefined}>
      {(control) => (
        <input
          {...control}
          value={draft[field]}
          maxLength={field === 'channel' ? 64 : 2_000}
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ [field]: target.value })}
          className={controlClass}
        />
      )}
    </Field>
  );
  return (
    <div className="space-y-3">
      <Field label={t.delivery} hint={t[`deliveryHint_${draft.delivery}`]}>
        {(control) => (
          <select
            {...control}
            value={draft.delivery}
            onChange={({ target }) => onChange({ delivery: target.value as CronDraft['delivery'] })}
            className={controlClass}
          >
            {modes.map((mode) => (
              <option key={mode} value={mode}>
                {t[`delivery_${mode}`]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.delivery === 'announce' && (
        <div className="grid gap-3 sm:grid-cols-2">
          {text('channel', t.channel, t.channelHint)}
          {text('to', t.to, t.toHint)}
        </div>
      )}
      {draft.delivery === 'webhook' && text('to', t.url, t.urlHint)}
    </div>
  );
}
