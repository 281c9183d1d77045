// The choice of days: the last week, month or quarter, or any.
import { useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { usageTexts } from './texts.ts';
import { dayChoices, lastDays, rangeProblem, USUAL_DAYS, type UsageRange } from './usage-range.ts';

/** As they stand in the address; `days` is a number of days or `custom`, empty for the usual ones. */
export type RangeFilters = Readonly<Record<'days' | 'from' | 'to', string>>;

const CUSTOM = 'custom';

/** @param nowMs milliseconds since the epoch */
export function rangeOf({ days, from, to }: RangeFilters, nowMs: number): UsageRange {
  if (days === CUSTOM) return { from, to };
  const choice = dayChoices.find((one) => String(one) === days) ?? USUAL_DAYS;
  return choice === USUAL_DAYS ? null : lastDays(choice, nowMs);
}

export function RangeFields({
  filters,
  range,
  onChange,
}: {
  filters: RangeFilters;
  range: UsageRange;
  onChange: (change: Partial<RangeFilters>) => void;
}) {
  const t = useTexts(usageTexts);
  const name = useId();
  const isCustom = filters.days === CUSTOM;
  const chosen = isCustom ? CUSTOM : filters.days === '' ? String(USUAL_DAYS) : filters.days;
  const choices = [
    ...dayChoices.map((days) => ({ value: String(days), title: t.lastDays(days) })),
    { value: CUSTOM, title: t.custom },
  ];
  const choose = (value: string) => {
    if (value !== CUSTOM)
      return onChange({ days: value === String(USUAL_DAYS) ? '' : value, from: '', to: '' });
    onChange({ days: CUSTOM, ...(range ?? lastDays(USUAL_DAYS, Date.now())) });
  };
  const problem = isCustom ? rangeProblem(filters) : null;
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1 text-sm font-medium">{t.days}</legend>
      <div className="flex flex-wrap gap-2">
        {choices.map(({ value, title }) => (
          <label
            key={value}
            className="flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-edge px-3 text-sm has-checked:border-accent has-checked:bg-accent/10"
          >
            <input
              type="radio"
              name={name}
              className="size-4 accent-accent"
              checked={chosen === value}
              onChange={() => choose(value)}
            />
            {title}
          </label>
        ))}
      </div>
      {isCustom && (
        <div className="grid max-w-md grid-cols-2 gap-3">
          {(['from', 'to'] as const).map((end) => (
            <Field key={end} label={t[end]} error={end === 'to' && problem !== null ? t[problem] : undefined}>
              {(control) => (
                <input
                  {...control}
                  type="date"
                  className={controlClass}
                  value={filters[end]}
                  onChange={(event) => onChange({ [end]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </fieldset>
  );
}
