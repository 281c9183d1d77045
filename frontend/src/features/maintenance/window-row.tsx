// One maintenance window: its times, its reason, and who set it.
import type { MaintenanceWindow, Server } from '@buoy/contract';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { usePersonName } from '../access/use-person-name.ts';
import { useWindowWords } from '../update-policies/use-window-words.ts';
import { EndQuestion } from './end-question.tsx';
import { maintenanceTexts } from './texts.ts';

export function WindowRow({ server, window }: { server: Server; window: MaintenanceWindow }) {
  const t = useTexts(maintenanceTexts);
  const formats = useFormats();
  const windowWords = useWindowWords();
  const personName = usePersonName(server);
  const [isAsked, setIsAsked] = useState(false);
  const { active, startsAt, until, reason, createdBy } = window;
  const times = active
    ? t.activeUntil(formats.moment(until))
    : t.nextAt(formats.moment(startsAt), formats.moment(until));
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line py-2 text-sm first:border-t-0">
      <div className="min-w-0">
        <p className={active ? 'font-medium text-maintenance' : ''}>{times}</p>
        {window.kind === 'weekly' && <p>{windowWords(window.weekly)}</p>}
        {window.kind === 'cron' && <p>{t.cron(window.cron, window.minutes, window.timezone)}</p>}
        {reason !== null && (
          <p>
            <VisibleText text={reason} />
          </p>
        )}
        <p className="text-xs text-muted">
          <VisibleText text={t.by(personName(createdBy))} />
        </p>
      </div>
      {server.role !== 'viewer' && (
        <Button variant="quiet" aria-label={t.removeNamed(times)} onClick={() => setIsAsked(true)}>
          {t.remove}
        </Button>
      )}
      {isAsked && <EndQuestion server={server} windowId={window.id} onClose={() => setIsAsked(false)} />}
    </li>
  );
}
