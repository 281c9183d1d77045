// Says that live updates are interrupted, and when the next attempt is.
import { useEffect, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { useTimedText } from '../../ui/clock.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import type { Link } from './follow-stream.ts';
import { eventsTexts } from './texts.ts';

/** Milliseconds; shorter interruptions are not reported. */
const PATIENCE_MS = 4_000;
/** Milliseconds a stream must stay open before the note goes: that of an unreachable server opens, reports that and ends. */
const RELIEF_MS = 2_000;

export function LinkNote({ link, onTry }: { link: Link; onTry: () => void }) {
  const isLost = link.state === 'lost';
  const [isWorthAWord, setWorthAWord] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWorthAWord(isLost), isLost ? PATIENCE_MS : RELIEF_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  if (link.state === 'refused') return <ProblemNote problem={link.problem} />;
  if (!isWorthAWord) return null;
  const { retryAt, isFull } = link.state === 'lost' ? link : { retryAt: null, isFull: false };
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
      <Button look="quiet" className="-mx-4 -my-1" disabled={retryAt === null} onClick={onTry}>
        {t.tryNow}
      </Button>
    </div>
  );
}
