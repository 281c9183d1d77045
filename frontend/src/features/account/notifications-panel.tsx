// Notification settings: severity, quiet hours and alert types. Each switch takes effect immediately.
import type { AlertSeverity } from '@buoy/contract';
import { alertTypes } from '@buoy/contract/constants';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { alertTypeTexts } from '../alerts/type-texts.ts';
import { prefsQuery } from './account-queries.ts';
import { notificationTexts } from './notification-texts.ts';
import { QuietHours } from './quiet-hours.tsx';
import { type Prefs, useChangePrefs } from './use-change-prefs.ts';

const severities = ['warning', 'critical'] as const satisfies readonly AlertSeverity[];

export function NotificationsPanel() {
  const { api } = useServices();
  const t = useTexts(notificationTexts);
  const { data, error } = useQuery(prefsQuery(api));
  const change = useChangePrefs();
  return (
    <>
      <p className="text-sm text-muted">{t.sentByBot}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingPrefs} rows={4} />}
      {data !== undefined && (
        <>
          <EffectiveSettings now={data.now} />
          {change.problem !== null && <ProblemNote problem={change.problem} />}
          <Choices prefs={data.notificationPrefs} change={change.send} />
          <p role="status" className="sr-only">
            {change.isSaved && t.saved}
          </p>
        </>
      )}
    </>
  );
}

function EffectiveSettings({
  now,
}: {
  now: { warning: boolean; critical: boolean; quietUntil: string | null };
}) {
  const t = useTexts(notificationTexts);
  const formats = useFormats();
  const words = now.warning ? t.nowAll : now.critical ? t.nowCritical : t.nowNothing;
  return (
    <p className="rounded-md border border-line bg-surface px-4 py-3 text-sm">
      {words}
      {now.quietUntil !== null && ` ${t.quietUntil(formats.moment(now.quietUntil))}`}
    </p>
  );
}

function Choices({ prefs, change }: { prefs: Prefs; change: ReturnType<typeof useChangePrefs>['send'] }) {
  const t = useTexts(notificationTexts);
  const kinds = useTexts(alertTypeTexts);
  const { mutedTypes, minSeverity, quietHours, criticalBreaksQuiet } = prefs;
  return (
    <>
      <Panel title={t.mutedTitle}>
        <div className="mb-4 max-w-sm">
          <Field label={t.minSeverity}>
            {(control) => (
              <select
                {...control}
                className={controlClass}
                value={minSeverity}
                onChange={(event) =>
                  change({
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
        <p className="text-sm text-muted">{t.mutedHint}</p>
        <ul className="mt-2 divide-y divide-line">
          {alertTypes.map((type) => (
            <li key={type} className="py-1">
              <Toggle
                label={kinds[`alert_${type}`]}
                checked={!mutedTypes.includes(type)}
                onChange={(isWanted) =>
                  change({
                    mutedTypes: isWanted ? mutedTypes.filter((one) => one !== type) : [...mutedTypes, type],
                  })
                }
              />
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t.quietTitle}>
        <div className="space-y-3">
          <Toggle
            label={t.quietOn}
            hint={t.quietHint}
            checked={quietHours.enabled}
            onChange={(enabled) => change({ quietHours: { enabled } })}
          />
          <QuietHours saved={quietHours} onSave={(hours) => change({ quietHours: hours })} />
          <Toggle
            label={t.criticalBreaks}
            hint={t.criticalBreaksHint}
            checked={criticalBreaksQuiet}
            onChange={(wanted) => change({ criticalBreaksQuiet: wanted })}
          />
        </div>
      </Panel>
    </>
  );
}
