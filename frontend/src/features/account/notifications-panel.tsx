// Notification settings: where alerts go, from what severity, of which types, when again, and quiet hours. Each switch takes effect immediately.
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { AlertFilterFields } from '../alerts/alert-filter-fields.tsx';
import { ChannelsPanel } from '../notification-channels/channels-panel.tsx';
import { prefsQuery } from './account-queries.ts';
import { notificationTexts } from './notification-texts.ts';
import { QuietHours } from './quiet-hours.tsx';
import { type Prefs, useChangePrefs } from './use-change-prefs.ts';

export function NotificationsPanel() {
  const { api } = useServices();
  const t = useTexts(notificationTexts);
  const { data, error } = useQuery(prefsQuery(api));
  const change = useChangePrefs();
  return (
    <>
      <ChannelsPanel />
      <p className="text-sm text-muted">{t.appliesTo}</p>
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
  const { mutedTypes, minSeverity, quietHours, criticalBreaksQuiet, reminders, escalationOnly } = prefs;
  return (
    <>
      <Panel title={t.mutedTitle}>
        <AlertFilterFields {...{ minSeverity, mutedTypes }} hint={t.mutedHint} onChange={change} />
      </Panel>
      <Panel title={t.unattendedTitle}>
        <div className="space-y-3">
          <Toggle
            label={t.reminders}
            hint={t.remindersHint}
            checked={reminders}
            onChange={(wanted) => change({ reminders: wanted })}
          />
          <Toggle
            label={t.escalationOnly}
            hint={t.escalationOnlyHint}
            checked={escalationOnly}
            onChange={(wanted) => change({ escalationOnly: wanted })}
          />
        </div>
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
