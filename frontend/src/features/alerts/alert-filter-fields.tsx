// Which alerts are sent: from what severity, and of which types. Each change takes effect immediately.
import type { AlertSeverity, AlertType } from '@buoy/contract';
import { alertTypes } from '@buoy/contract/constants';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { alertFilterTexts } from './alert-filter-texts.ts';
import { alertTypeTexts } from './type-texts.ts';

const severities = ['warning', 'critical'] as const satisfies readonly AlertSeverity[];

type AlertFilter = { minSeverity: AlertSeverity; mutedTypes: AlertType[] };

/** @param hint what a type that is turned off means here */
export function AlertFilterFields({
  minSeverity,
  mutedTypes,
  hint,
  onChange,
}: AlertFilter & { hint: ReactNode; onChange: (change: Partial<AlertFilter>) => void }) {
  const t = useTexts(alertFilterTexts);
  const kinds = useTexts(alertTypeTexts);
  return (
    <>
      <div className="mb-4 max-w-sm">
        <Field label={t.minSeverity}>
          {(control) => (
            <select
              {...control}
              className={controlClass}
              value={minSeverity}
              onChange={(event) =>
                onChange({
                  minSeverity: severities.find((known) => known === event.target.value) ?? minSeverity,
                })
              }
            >
              {severities.map((known) => (
                <option key={known} value={known}>
                  {t[`severity_${known}`]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <p className="text-sm text-muted">{hint}</p>
      <ul aria-label={t.types} className="mt-2 divide-y divide-line">
        {alertTypes.map((type) => (
          <li key={type} className="py-1">
            <Toggle
              label={kinds[`alert_${type}`]}
              checked={!mutedTypes.includes(type)}
              onChange={(isWanted) =>
                onChange({
                  mutedTypes: isWanted ? mutedTypes.filter((one) => one !== type) : [...mutedTypes, type],
                })
              }
            />
          </li>
        ))}
      </ul>
    </>
  );
}
