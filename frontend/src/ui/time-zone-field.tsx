// Chooses a time zone, and offers that of this device.
import { useTexts } from '../i18n/use-texts.ts';
import { controlClass, Field } from './field.tsx';
import { uiTexts } from './texts.ts';

const zones = Intl.supportedValuesOf('timeZone');
export const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TimeZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const t = useTexts(uiTexts);
  return (
    <Field
      label={t.timeZone}
      hint={
        value === ownZone ? undefined : (
          <span className="flex flex-wrap items-center gap-x-3">
            {t.thisDevice(ownZone)}
            <button type="button" className="min-h-11 text-link underline" onClick={() => onChange(ownZone)}>
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
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          {withZone(value).map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** UTC and the saved zone are no names that every browser lists. */
function withZone(zone: string): readonly string[] {
  return [...new Set(['UTC', zone, ownZone, ...zones])].sort();
}
