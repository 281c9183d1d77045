// One alert: type, server, start, evidence, acknowledgement and actions.
import type { Alert, Server } from '@buoy/contract';
import { useId, useRef } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { AlertActions } from './alert-actions.tsx';
import { AlertNotes } from './alert-notes.tsx';
import { alertsTexts } from './texts.ts';
import { alertTypeTexts } from './type-texts.ts';

/** @param server null: it is not known (any more) */
export function AlertCard({ alert, server }: { alert: Alert; server: Server | null }) {
  const t = useTexts(alertsTexts);
  const kinds = useTexts(alertTypeTexts);
  const formats = useFormats();
  const now = useNow();
  const titleId = useId();
  // The alert keeps its "New" mark while the page is open.
  const wasNew = useRef(alert.readAt === null && alert.status !== 'resolved');
  const { severity, status, cause, evidence, firstAt, lastAt, count, resolvedAt, snoozedUntil, autoRepair } =
    alert;
  const isOver = status === 'resolved';
  const tone = isOver ? 'text-muted' : severity === 'critical' ? 'text-down' : 'text-unreachable';
  return (
    <li aria-labelledby={titleId} className="px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 id={titleId} className={`font-semibold ${tone}`}>
          {kinds[`alert_${alert.type}`]}
        </h3>
        <span className={`text-sm ${tone}`}>{t[`severity_${severity}`]}</span>
        {wasNew.current && (
          <span className="rounded-full bg-accent px-2 text-xs leading-5 font-semibold text-on-accent">
            {t.isNew}
          </span>
        )}
      </div>
      <p className="mt-0.5 text-sm text-muted">
        {server === null ? (
          t.unknownServer
        ) : (
          <a {...linkTo(serverPath(server.id))} className="text-link underline">
            <VisibleText text={server.name} />
          </a>
        )}
        {' · '}
        {resolvedAt === null
          ? t.since(formats.age(firstAt, now))
          : t.lasted(formats.span(firstAt, Date.parse(resolvedAt)), formats.age(resolvedAt, now))}
        {!isOver && ` · ${t.seen(count, formats.age(lastAt, now))}`}
      </p>
      <p lang="en" className="mt-2 text-sm">
        <VisibleText text={formats.localTimes(cause)} />
      </p>
      {evidence !== '' && (
        <details className="mt-1 text-sm">
          <summary className="min-h-11 content-center text-muted">{t.evidence}</summary>
          <pre
            lang="en"
            className="max-h-60 overflow-auto rounded-md border border-line bg-inset p-3 font-mono text-xs whitespace-pre-wrap"
          >
            <VisibleText text={evidence} />
          </pre>
        </details>
      )}
      {status === 'acknowledged' && <p className="mt-2 text-sm font-medium">{t.acknowledged}</p>}
      {status === 'snoozed' && snoozedUntil !== null && (
        <p className="mt-2 text-sm font-medium">{t.snoozedUntil(formats.moment(snoozedUntil))}</p>
      )}
      {autoRepair !== null && (
        <p className="mt-2 text-sm font-medium">
          {t[`autoRepair_${autoRepair.result}`]} {t.switchedOnBy} <VisibleText text={autoRepair.by} />
        </p>
      )}
      {server !== null && <AlertNotes {...{ alert, server }} kind={kinds[`alert_${alert.type}`]} />}
      {!isOver && server !== null && <AlertActions alert={alert} server={server} />}
    </li>
  );
}
