// Says that live updates are interrupted, and when the next attempt is.
import { useEffect, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { useTimedText } from '../../ui/clock.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import type { StreamState } from './follow-stream.ts';
import { eventsTexts } from './texts.ts';

/** Milliseconds; shorter interruptions are not reported. */
const SHOW_DELAY_MS = 4_000;
/** Milliseconds a stream must stay open before the note goes: that of an unreachable server opens, reports that and ends. */
const HIDE_DELAY_MS = 2_000;

export function StreamStateNote({ stream, onTry }: { stream: StreamState; onTry: () => void }) {
  const isLost = stream.state === 'lost';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(isLost), isLost ? SHOW_DELAY_MS : HIDE_DELAY_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  if (stream.state === 'refused') return <ProblemNote problem={stream.problem} />;
  if (!isShown) return null;
  const { retryAt, isFull } = stream.state === 'lost' ? stream : { retryAt: null, isFull: false };
  return <LostNote retryAt={retryAt} isFull={isFull} onTry={onTry} />;
}

function LostNote({
  retryAt,
  isFull,
  onTry,
}: {
  retryAt: number | null;
  isFull: boolean;
  onTry: () => void;
}) {
  const t = useTexts(eventsTexts);
  const formats = useFormats();
  const next = useTimedText((nowMs) =>
    retryAt === null ? t.trying : t.nextTry(formats.duration(Math.max(1, (retryAt - nowMs) / 1000))),
  );
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-md border border-unreachable/40 bg-unreachable/8 px-4 py-2 text-sm">
      <p>
        <span role="status">{isFull ? t.full : t.lost}</span> <span className="text-muted">{next}</span>
      </p>
      <Button variant="quiet" className="-mx-4 -my-1" disabled={retryAt === null} onClick={onTry}>
        {t.tryNow}
      </Button>
    </div>
  );
}
