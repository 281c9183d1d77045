// Quiet hours and their time zone. They are saved by a button, because times are typed in parts.
import type { NotificationPrefs } from '@buoy/contract';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { notificationTexts } from './notification-texts.ts';

type Hours = Pick<NotificationPrefs['quietHours'], 'start' | 'end' | 'timezone'>;

const zones = Intl.supportedValuesOf('timeZone');
const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function QuietHours({ saved, onSave }: { saved: Hours; onSave: (hours: Hours) => void }) {
  const t = useTexts(notificationTexts);
  const [draft, setDraft] = useState<Hours>({
    start: saved.start,
    end: saved.end,
    timezone: saved.timezone,
  });
  const set = (change: Partial<Hours>) => setDraft((current) => ({ ...current, ...change }));
  const isChanged =
    draft.start !== saved.start || draft.end !== saved.end || draft.timezone !== saved.timezone;
  useUnsaved(isChanged);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSave(draft);
  };
  return (
    <form onSubmit={submit} className="space-y-3">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-[8rem_8rem_minmax(0,1fr)]">
        <TimeField label={t.from} value={draft.start} onChange={(start) => set({ start })} />
        <TimeField
          label={t.to}
          hint={draft.end <= draft.start ? t.nextMorning : undefined}
          value={draft.end}
          onChange={(end) => set({ end })}
        />
        <div className="col-span-2 sm:col-span-1">
          <Field
            label={t.timeZone}
            hint={
              draft.timezone === ownZone ? undefined : (
                <span className="flex flex-wrap items-center gap-x-3">
                  {t.thisDevice(ownZone)}
                  <button
                    type="button"
                    className="min-h-11 text-link underline"
                    onClick={() => set({ timezone: ownZone })}
                  >
                    {t.useThisZone}
                  </button>
                </span>
              )
            }
          >
            {(control) => (
              <select
                {...control}
                className={controlClass}
                value={draft.timezone}
                onChange={(event) => set({ timezone: event.target.value })}
              >
                {withZone(draft.timezone).map((zone) => (
                  <option key={zone} value={zone}>
                    {zone}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      </div>
      <Button type="submit" disabled={!isChanged}>
        {t.saveHours}
      </Button>
    </form>
  );
}

/** UTC and the saved zone are no names that every browser lists. */
function withZone(zone: string): readonly string[] {
  return [...new Set(['UTC', zone, ownZone, ...zones])].sort();
}

function TimeField({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <input
          {...control}
          type="time"
          required
          className={controlClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
