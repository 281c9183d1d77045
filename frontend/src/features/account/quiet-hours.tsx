// Quiet hours and their time zone. They are saved by a button, because times are typed in parts.
import type { NotificationPrefs } from '@buoy/contract';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { TimeOfDayField } from '../../ui/time-of-day-field.tsx';
import { TimeZoneField } from '../../ui/time-zone-field.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { notificationTexts } from './notification-texts.ts';

type Hours = Pick<NotificationPrefs['quietHours'], 'start' | 'end' | 'timezone'>;

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
        <TimeOfDayField label={t.from} value={draft.start} onChange={(start) => set({ start })} />
        <TimeOfDayField
          label={t.to}
          hint={draft.end <= draft.start ? t.nextMorning : undefined}
          value={draft.end}
          onChange={(end) => set({ end })}
        />
        <div className="col-span-2 sm:col-span-1">
          <TimeZoneField value={draft.timezone} onChange={(timezone) => set({ timezone })} />
        </div>
      </div>
      <Button type="submit" disabled={!isChanged}>
        {t.saveHours}
      </Button>
    </form>
  );
}
