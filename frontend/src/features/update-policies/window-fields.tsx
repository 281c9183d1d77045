// The days and times of a weekly window.
import { weekdays } from '@buoy/contract/constants';
import { useId } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { TimeOfDayField } from '../../ui/time-of-day-field.tsx';
import { TimeZoneField } from '../../ui/time-zone-field.tsx';
import { type WindowDraft, withDay } from './policy-draft.ts';
import { policyTexts } from './texts.ts';

export function WindowFields({
  draft: { days, start, end, timezone },
  error,
  onChange,
}: {
  draft: WindowDraft;
  error: string | undefined;
  onChange: (change: Partial<WindowDraft>) => void;
}) {
  const t = useTexts(policyTexts);
  const formats = useFormats();
  const noteId = useId();
  const wrong = error ?? (days.length === 0 ? t.noDays : undefined);
  return (
    <div className="space-y-5">
      <fieldset aria-describedby={noteId} className="min-w-0">
        <legend className="mb-1 text-sm font-medium">{t.days}</legend>
        <div className="grid grid-cols-7 gap-1 sm:max-w-md">
          {weekdays.map((day) => (
            <button
              key={day}
              type="button"
              aria-pressed={days.includes(day)}
              onClick={() => onChange({ days: withDay(days, day, !days.includes(day)) })}
              className="min-h-11 rounded-md border border-edge bg-surface text-sm text-muted hover:text-ink aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
            >
              {formats.weekday(day)}
            </button>
          ))}
        </div>
        <p id={noteId} aria-live="polite" className="mt-1 text-sm text-down empty:hidden">
          {wrong}
        </p>
      </fieldset>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-[8rem_8rem_minmax(0,1fr)]">
        <TimeOfDayField label={t.from} value={start} onChange={(next) => onChange({ start: next })} />
        <TimeOfDayField
          label={t.to}
          hint={end === start ? t.wholeDay : end < start ? t.nextDay : undefined}
          value={end}
          onChange={(next) => onChange({ end: next })}
        />
        <div className="col-span-2 sm:col-span-1">
          <TimeZoneField value={timezone} onChange={(next) => onChange({ timezone: next })} />
        </div>
      </div>
    </div>
  );
}
