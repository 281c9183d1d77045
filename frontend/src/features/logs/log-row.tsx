// One log line, or a note about missing ones.
import type { LogLevel } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { cutAtHits, type LogEntry } from './log-lines.ts';
import { logsTexts } from './texts.ts';

const tones: Record<LogLevel, string> = {
  trace: 'text-muted',
  debug: 'text-muted',
  info: 'text-muted',
  warn: 'text-unreachable',
  error: 'text-down',
  fatal: 'text-down font-bold',
};

export function LogRow({ entry, wanted }: { entry: LogEntry; wanted: string }) {
  const t = useTexts(logsTexts);
  const formats = useFormats();
  if (entry.kind !== 'line')
    return (
      <p className="border-y border-line bg-surface px-3 py-1 font-sans text-xs text-muted">
        {entry.kind === 'reset' ? t.reset : t.gap(entry.message)}
      </p>
    );
  const { at, level, subsystem, message } = entry;
  return (
    <p dir="ltr" className="px-3 py-0.5 whitespace-pre-wrap">
      {at !== null && (
        <time dateTime={at} title={formats.moment(at)} className="text-muted">
          {formats.timeOfDay(at)}{' '}
        </time>
      )}
      {level !== null && <span className={`uppercase ${tones[level]}`}>{level} </span>}
      {subsystem !== null && (
        <span className="text-link">
          <Highlighted text={subsystem} wanted={wanted} />{' '}
        </span>
      )}
      <Highlighted text={message} wanted={wanted} />
    </p>
  );
}

function Highlighted({ text, wanted }: { text: string; wanted: string }) {
  let from = 0;
  return cutAtHits(text, wanted).map((part) => {
    const key = from;
    from += part.text.length;
    return part.isHit ? (
      <mark key={key} className="rounded-sm bg-accent text-on-accent">
        <VisibleText text={part.text} />
      </mark>
    ) : (
      <VisibleText key={key} text={part.text} />
    );
  });
}
