// Whether the log is live; changes are announced to screen readers.
import { useTexts } from '../../i18n/use-texts.ts';
import { logsTexts } from './texts.ts';
import type { LiveLog } from './use-log.ts';

export function LogStatus({ log, isDown }: { log: LiveLog; isDown: boolean }) {
  const t = useTexts(logsTexts);
  if (log.problem !== null) return null;
  const status =
    log.isOpen === null
      ? { words: t.opening, tone: 'text-muted' }
      : isDown
        ? { words: t.down, tone: 'text-down' }
        : !log.isOpen
          ? { words: t.lost, tone: 'text-unreachable' }
          : log.isPaused
            ? { words: t.paused, tone: 'text-unreachable' }
            : { words: t.live, tone: 'text-up' };
  return (
    <p role="status" className={`text-sm font-medium ${status.tone}`}>
      {status.words}
    </p>
  );
}
